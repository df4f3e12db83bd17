import Kernels
import ModelFixtures
import Models
import Packs
import TensorCore
import TestSupport
import Testing

@Suite("Loading a model's tensors")
struct TensorLoaderTests {
  private let pool = WorkerPool(threads: 1)

  @Test("of sound packs builds models", arguments: [8, 4])
  func sound(bits: Int) throws {
    _ = try TinyPack.vit(bits: bits).open().makeImageModel(maxBatch: 1, pool: pool)
    _ = try TinyPack.llama(bits: bits).open().makeSequenceModel(limits: .tiny, pool: pool)
  }

  @Test("refuses a pack that lacks any one of them", arguments: [8, 4])
  func missing(bits: Int) throws {
    let (vit, llama) = (try TinyPack.vit(bits: bits), try TinyPack.llama(bits: bits))
    for name in vit.tensors.map(\.name) {
      var pack = vit
      pack.tensors.removeAll { $0.name == name }
      #expect(throws: ModelError.self, "\(name)") { try pack.open().makeImageModel(maxBatch: 1, pool: pool) }
    }
    for name in llama.tensors.map(\.name) where !name.hasPrefix("tokenizer.") {
      var pack = llama
      pack.tensors.removeAll { $0.name == name }
      #expect(throws: ModelError.self, "\(name)") {
        try pack.open().makeSequenceModel(limits: .tiny, pool: pool)
      }
    }
  }

  @Test("names a missing tensor and says what to do")
  func missingText() throws {
    var pack = try TinyPack.llama()
    pack.tensors.removeAll { $0.name == "layers.1.down.sums" }
    do {
      _ = try pack.open().makeSequenceModel(limits: .tiny, pool: pool)
      Issue.record("the pack was accepted")
    } catch let error as ModelError {
      #expect(error == .missingTensor("layers.1.down.sums"))
      #expect(
        "\(error)".contains("'layers.1.down.sums' is missing")
          && "\(error)".contains("import the model again"))
    }
  }

  @Test("refuses any one of them in another shape", arguments: [8, 4])
  func wrongShape(bits: Int) throws {
    let llama = try TinyPack.llama(bits: bits)
    for name in llama.tensors.map(\.name) where !name.hasPrefix("tokenizer.") {
      var pack = llama
      let size = pack[name].type.byteSize
      pack[name].shape = [pack[name].bytes.count / size + 1]
      pack[name].bytes += [UInt8](repeating: 0, count: size)
      #expect(throws: ModelError.self, "\(name)") {
        try pack.open().makeSequenceModel(limits: .tiny, pool: pool)
      }
    }
  }

  @Test("refuses NaN and infinity in every float tensor", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) throws {
    let (vit, llama) = (try TinyPack.vit(), try TinyPack.llama())
    let bad = withUnsafeBytes(of: value) { Array($0) }
    for name in vit.tensors.filter({ $0.type == .f32 }).map(\.name) {
      var pack = vit
      pack[name].bytes.replaceSubrange(pack[name].bytes.count - 4..<pack[name].bytes.count, with: bad)
      #expect(throws: ModelError.self, "\(name)") { try pack.open().makeImageModel(maxBatch: 1, pool: pool) }
    }
    for name in llama.tensors.filter({ $0.type == .f32 }).map(\.name) {
      var pack = llama
      pack[name].bytes.replaceSubrange(0..<4, with: bad)
      #expect(throws: ModelError.self, "\(name)") {
        try pack.open().makeSequenceModel(limits: .tiny, pool: pool)
      }
    }
  }

  @Test(
    "refuses a static range that is not a scale and a zero point",
    arguments: [[Float(0), 10], [-1, 10], [1e-40, 10], [1, 256], [1, -1], [1, 0.5]])
  func staticRange(activation: [Float]) throws {
    var pack = try TinyPack.vit()
    pack["head.activation"].bytes = activation.withUnsafeBytes { Array($0) }
    #expect(throws: ModelError.self) { try pack.open().makeImageModel(maxBatch: 1, pool: pool) }
  }

  @Test("of a model that cannot do it says what is needed")
  func capability() throws {
    let expected = ModelError.wrongCapability(found: "vit", needed: .sequences)
    #expect(throws: expected) { try TinyPack.vit().open().makeSequenceModel(limits: .tiny, pool: pool) }
    #expect(expected.description.contains("'vit'") && expected.description.contains("sequences of tokens"))
  }

  @Test(
    "survives weight codes that no packer writes: the numbers are wrong, nothing traps", arguments: [8, 4])
  func hostileCodes(bits: Int) throws {
    var (vit, llama) = (try TinyPack.vit(bits: bits), try TinyPack.llama(bits: bits))
    for fill in [UInt8(0x80), 0xFF, 0x0F, 0xF0] {
      for index in vit.tensors.indices where vit.tensors[index].isCodes { vit.tensors[index].fill(fill) }
      for index in llama.tensors.indices where llama.tensors[index].isCodes {
        llama.tensors[index].fill(fill)
      }
      let logits = try vit.open().makeImageModel(maxBatch: 1, pool: pool).classify(
        [Float](repeating: 1, count: 192), count: 1)
      #expect(logits.count == 5)
      let feeder = try SequenceFeeder(try llama.open(), sequences: 1, longest: 70)
      #expect(feeder.logits([Array(repeating: 5, count: 70)])[0].count == 70 * 259)
    }
  }
}

extension SequenceLimits {
  static let tiny = SequenceLimits(stepTokens: 4, sequences: 2, logitRows: 2, blocks: 4)
}

extension TinyPack.Tensor {
  fileprivate var isCodes: Bool {
    name.hasSuffix(".codes") || name.hasSuffix(".metas") || name.hasSuffix(".sums")
  }

  fileprivate mutating func fill(_ byte: UInt8) { bytes = [UInt8](repeating: byte, count: bytes.count) }
}
