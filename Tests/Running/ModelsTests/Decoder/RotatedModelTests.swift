import Architectures
import Kernels
import ModelFixtures
import Packs
import Reference
import TensorCore
import Testing
import Vocabulary

@testable import Models

/// A decoder whose pack says that rotations were folded into its weights.
@Suite("Quantized decoder of rotated weights")
struct RotatedModelTests {
  private static let tokens = (0..<120).map { TokenID(Int32($0 * 37 % 256)) }

  @Test("a row's bits are the same in every batch, chunk and number of threads", arguments: [8, 4])
  func batches(bits: Int) throws {
    let pack = try TinyPack.rotatedLlama(bits: bits, draftHead: bits == 4).open()
    let feedings = try SequenceFeeder.feedings(of: Self.tokens, to: pack)
    for feeding in feedings.dropFirst() { #expect(feeding == feedings[0]) }
  }

  @Test("stays near the float32 model of the same weights")
  func nearFloat() throws {
    let pack = try Self.exactlyAttending(TinyPack.rotatedLlama()).open()
    let actual = try SequenceFeeder(pack, sequences: 1, longest: Self.tokens.count).logits([Self.tokens])[0]
    let configuration = try Self.configuration(pack)
    let model = try FloatDecoder(
      configuration, pool: WorkerPool(threads: 2), tensor: Self.reader(pack, configuration))
    let exact = model.logits(Self.tokens.map(\.index)).values.map(Double.init)
    var plain = configuration
    (plain.downHadamard, plain.headMatrix) = (1, false)
    let other = try FloatDecoder(
      plain, pool: WorkerPool(threads: 2), tensor: Self.reader(pack, configuration))
    let without = other.logits(Self.tokens.map(\.index)).values
    let error = relativeError(actual, exact)
    print("rotated tiny decoder: relative error \(error), \(relativeError(without, exact)) without rotations")
    #expect(error <= 0.1 && relativeError(without, exact) > 0.5)
  }

  @Test("a head matrix of zeros changes no bit of logits and final states", arguments: [8, 4])
  func zeros(bits: Int) throws {
    let plain = try TinyPack.llama(bits: bits)
    var changed = try TinyPack.llama(bits: bits) { $0.headMatrix = true }
    changed["head_matrix.scales"].bytes = [UInt8](
      repeating: 0, count: changed["head_matrix.scales"].bytes.count)
    let feeders = try [plain, changed].map {
      try SequenceFeeder($0.open(), sequences: 1, longest: Self.tokens.count)
    }
    #expect(feeders[0].logits([Self.tokens]) == feeders[1].logits([Self.tokens]))
    #expect(Self.hidden(feeders[0]) == Self.hidden(feeders[1]))
  }

  @Test("final states have passed the head matrix")
  func finalStates() throws {
    let pack = try TinyPack.llama { $0.headMatrix = true }
    let (with, without) = (
      try SequenceFeeder(pack.open(), sequences: 1, longest: Self.tokens.count),
      try SequenceFeeder(TinyPack.llama().open(), sequences: 1, longest: Self.tokens.count)
    )
    _ = (with.logits([Self.tokens]), without.logits([Self.tokens]))
    let states = Self.hidden(without)
    let opened = try pack.open()
    let matrix = try Self.reader(opened, Self.configuration(opened))("head_matrix.weight")
    let expected = states.indices.map { row in
      Double(states[row]) + zip(matrix.row(row), states).reduce(0) { $0 + Double($1.0 * $1.1) }
    }
    #expect(relativeError(Self.hidden(with), expected) <= 0.02)
  }

  @Test("a pack without the matrix that its configuration calls for is refused by its name")
  func missing() throws {
    var pack = try TinyPack.rotatedLlama()
    pack.tensors.removeAll { $0.name == "head_matrix.codes" }
    let error = #expect(throws: (any Error).self) {
      try SequenceFeeder(pack.open(), sequences: 1, longest: 8)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("head_matrix"))
  }

  /// The pack with 8 bits in all of attention, whose 4 bits would be most of the error.
  private static func exactlyAttending(_ pack: TinyPack) throws -> TinyPack {
    var (pack, scheme) = (pack, try pack.open().scheme)
    scheme.attention = scheme.attention.map { _ in
      AttentionScheme(queryBits: 8, keyBits: 8, valueBits: 8, probabilities: .u8)
    }
    try pack.set(PackSection.scheme, scheme)
    return pack
  }

  /// The final state of the last token of what was fed in one step.
  private static func hidden(_ feeder: SequenceFeeder) -> [Float] {
    var state = [Float](repeating: 0, count: TinyPack.llamaConfiguration.width)
    feeder.model.copyHidden(row: tokens.count - 1, to: &state)
    return state
  }

  private static func configuration(_ pack: ModelPack) throws -> DecoderConfiguration {
    let decoder: DecoderConfiguration? = if case .decoder(let c) = pack.configuration { c } else { nil }
    return try #require(decoder)
  }

  /// The pack's tensors as a checkpoint of float32 would have them.
  private static func reader(
    _ pack: ModelPack, _ c: DecoderConfiguration
  ) throws -> (String) throws -> FloatTensor {
    let loader = TensorLoader(table: c.tensorTable, scheme: pack.scheme) { pack.file[$0] }
    var tensors: [String: FloatTensor] = [:]
    for row in c.tensorTable.rows where row.role != .draftHead {
      var values: ArraySlice<Float>
      if case .matrix = row.kind {
        values = try loader.linear(row).dequantizedWeights()[...]
      } else {
        let view = try loader.floats(row.role, row.layer)[0]
        values =
          UnsafeBufferPointer(start: view.pointer(to: Float.self), count: view.elementCount)
          .map { $0 }[...]
      }
      for source in row.sources {
        let count = source.shape.elementCount ?? 0
        tensors[source.name] = FloatTensor(shape: source.shape, values: Array(values.prefix(count)))
        values = values.dropFirst(count)
      }
    }
    return { [tensors] in try #require(tensors[$0], "\($0)") }
  }
}
