import Architectures
import Checkpoints
import TensorCore
import TestSupport
import Testing

@testable import Importers

@Suite("llama2.c checkpoints")
struct Llama2cCheckpointTests {
  @Test(
    "equals the Hugging Face export bit for bit", .enabled(if: SharedData.available, "needs ../shared/data"))
  func equalsHuggingFace() throws {
    let checkpoint = try ImportedModel.open(
      SharedData.path("models-other/llama2c-stories260k/stories260K.bin"))
    let reference = try ImportedModel.open(SharedData.path("models/stories260k"))
    #expect(checkpoint.configuration == reference.configuration)
    for (name, _) in reference.tensors {
      let (actual, expected) = (try checkpoint.tensor(name), try reference.tensor(name))
      #expect(actual.shape == expected.shape)
      #expect(actual.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(name)")
    }
  }

  /// A checkpoint of `floats` numbers behind a header.
  private func file(_ header: [Int32], floats: Int, in folder: TemporaryFolder) throws -> String {
    let numbers = (0..<floats).map { Float($0) }
    try folder.write(
      "m.bin", header.withUnsafeBytes { Array($0) } + numbers.withUnsafeBytes { Array($0) })
    return folder.path + "/m.bin"
  }

  // width 4, hidden 3, 1 layer, 2 heads, 1 key/value head, vocabulary 5, context 6
  private static let small: [Int32] = [4, 3, 1, 2, 1, 5, 6]
  private static let tiedFloats = 5 * 4 + 4 + 16 + 8 + 8 + 16 + 4 + 12 + 12 + 12 + 4 + 12

  @Test("a negative vocabulary means a classifier of its own, at the end of the file")
  func untied() throws {
    let folder = try TemporaryFolder()
    var header = Self.small
    header[5] = -5
    let model = try ImportedModel.open(file(header, floats: Self.tiedFloats + 20, in: folder))
    #expect(try model.tensor("lm_head.weight").values == (0..<20).map { Float(Self.tiedFloats + $0) })
    #expect(throws: ImportError.self) {
      try ImportedModel.open(file(header, floats: Self.tiedFloats, in: folder))
    }
    #expect(throws: Never.self) {
      try ImportedModel.open(file(Self.small, floats: Self.tiedFloats, in: folder))
    }
  }

  @Test("interleaved rotary rows become halves within each head")
  func rows() {
    let tensor = FloatTensor(shape: [8, 1], values: [0, 1, 2, 3, 10, 11, 12, 13])
    #expect(rotateHalfRows(of: tensor, headSize: 4).values == [0, 2, 1, 3, 10, 12, 11, 13])
  }

  @Test(
    "headers that no model has are refused",
    arguments: [
      (0, Int32(0)), (0, -4), (0, .min), (0, 5), (1, 0), (2, 0), (2, .max), (3, 0), (3, 3), (4, 0), (4, 3),
      (5, 0), (5, .min),
      (6, 0), (6, .max), (0, 0x616B_3432),
    ])
  func headers(index: Int, value: Int32) throws {
    let folder = try TemporaryFolder()
    var header = Self.small
    header[index] = value
    #expect(throws: ImportError.self) {
      try ImportedModel.open(file(header, floats: Self.tiedFloats, in: folder))
    }
  }

  @Test("a file of any other size is refused")
  func sizes() throws {
    let folder = try TemporaryFolder()
    _ = try file(Self.small, floats: Self.tiedFloats, in: folder)
    let bytes = try MappedFile(path: folder.path + "/m.bin").contents()
    for count in [0, 1, 27, 28, bytes.count - 4, bytes.count - 1] {
      try folder.write("m.bin", Array(bytes.prefix(count)))
      #expect(throws: ImportError.self) { try ImportedModel.open(folder.path + "/m.bin") }
    }
    try folder.write("m.bin", bytes + [0])
    #expect(throws: ImportError.self) { try ImportedModel.open(folder.path + "/m.bin") }
  }
}
