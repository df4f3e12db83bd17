import Checkpoints
import TestSupport
import Testing

@testable import Importers

@Suite("Split GGUF models")
struct GGUFPartsTests {
  /// The tiny model in three parts, in a folder: two tensors in the first, two in the second, the rest in the third.
  private func parts(_ change: (inout [GGUFBytes]) -> Void = { _ in }) throws -> TemporaryFolder {
    let whole = HuggingFaceCheckpoint.language(seed: 5).gguf()
    var files = [GGUFBytes](repeating: GGUFBytes(), count: 3)
    files[0].metadata = whole.metadata
    for index in 0..<3 {
      files[index].metadata += [
        ("split.no", .raw(2, GGUFBytes.little(UInt16(index)))),
        ("split.count", .raw(2, GGUFBytes.little(UInt16(3)))),
        ("split.tensors.count", .int32(Int32(whole.tensors.count))),
      ]
      let range = [0..<2, 2..<4, 4..<whole.tensors.count][index]
      files[index].tensors = Array(whole.tensors[range])
    }
    change(&files)
    let folder = try TemporaryFolder()
    for (index, file) in files.enumerated() { try folder.write(Self.name(index + 1), file.bytes) }
    return folder
  }

  private static func name(_ no: Int) -> String { "tiny-0000\(no)-of-00003.gguf" }

  @Test("any part opens the whole model", arguments: 1...3)
  func opens(no: Int) throws {
    let folder = try parts()
    let (model, tokenizer) = try ImportedModel.withTokenizer("\(folder.path)/\(Self.name(no))")
    #expect(model.tensors.count == 11)
    for (name, _) in model.tensors { _ = try model.tensor(name) }
    #expect(tokenizer != nil)
    #expect(model.sourceRecord().files == (1...3).map(Self.name))
  }

  typealias Case = (String, @Sendable (inout [GGUFBytes]) -> Void, String)

  private static let broken: [Case] = [
    ("count", { $0[1].metadata[1].value = .uint32(2) }, "'split.count' is 2, expected 3"),
    ("number", { $0[2].metadata[0].value = .uint32(1) }, "'split.no' is 1, expected 2"),
    ("tensor twice", { $0[2].tensors.append($0[0].tensors[0]) }, "twice"),
    ("tensor missing", { $0[2].tensors.removeLast() }, "split.tensors.count"),
    ("no number", { $0[1].metadata.removeFirst() }, "'split.no' is absent"),
  ]

  @Test("parts that do not belong together are refused", arguments: broken)
  func refuses(name: String, change: @Sendable (inout [GGUFBytes]) -> Void, expected: String) throws {
    let folder = try parts(change)
    let error = #expect(throws: CheckpointError.self) {
      try ImportedModel.open("\(folder.path)/\(Self.name(1))")
    }
    #expect(error?.description.contains(expected) == true, "\(name): \(error as Any)")
  }

  @Test("a missing part and a renamed one are named")
  func missing() throws {
    let folder = try TemporaryFolder()
    let source = try parts()
    try folder.write(Self.name(1), MappedFile(path: "\(source.path)/\(Self.name(1))").contents())
    let error = #expect(throws: CheckpointError.self) {
      try ImportedModel.open("\(folder.path)/\(Self.name(1))")
    }
    #expect(error?.description.contains(Self.name(2)) == true)
    try folder.write("model.gguf", MappedFile(path: "\(source.path)/\(Self.name(1))").contents())
    let renamed = #expect(throws: CheckpointError.self) {
      try ImportedModel.open("\(folder.path)/model.gguf")
    }
    #expect(renamed?.description.contains("-00001-of-00003.gguf") == true)
  }
}
