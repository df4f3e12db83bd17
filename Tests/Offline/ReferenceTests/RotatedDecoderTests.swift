import Architectures
import Kernels
import ModelFixtures
import Reference
import TensorCore
import TestSupport
import Testing

/// What rotations that were folded into weights leave to be done in the forward pass.
@Suite("Float32 decoder of rotated weights")
struct RotatedDecoderTests {
  private typealias Reader = (String) throws -> FloatTensor
  private static let (width, vocabulary) = (32, 259)
  private let pool = WorkerPool(threads: 2)
  private let tokens = (0..<40).map { $0 * 37 % 256 }
  private let plain: DecoderConfiguration
  private let tensors: [String: FloatTensor]

  init() {
    var c = TinyPack.llamaConfiguration
    (c.hidden, c.tiedEmbeddings) = (256, false)
    plain = c
    var random = SeededGenerator(seed: 11)
    tensors = Dictionary(
      c.tensorTable.sources.map { source in
        let isNorm = source.shape.rank == 1
        let bound = isNorm ? 0 : 1 / Float(source.shape[1]).squareRoot()
        let values = random.floats(source.shape.elementCount ?? 0, in: -bound...bound)
        return (
          source.name, FloatTensor(shape: source.shape, values: isNorm ? values.map { 1 + $0 } : values)
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test("a transform in the weights of down undoes the one of its inputs", arguments: [2, 8, 16])
  func down(mixed: Int) throws {
    var c = plain
    c.downHadamard = mixed
    let changed = try logits(c) { name in
      let tensor = try original(name)
      return name.contains("down_proj") ? Self.transformed(tensor, mixed) : tensor
    }
    try expectEqual(changed, logits(plain, original))
  }

  @Test("the inputs of down are seen transformed")
  func seen() throws {
    var (c, before, after) = (plain, [Float](), [Float]())
    c.downHadamard = 8
    _ = try logits(plain, original) { if $0 == "layers.0.down" { before = $1.values } }
    _ = try logits(c, original) { if $0 == "layers.0.down" { after = $1.values } }
    HadamardKernel.scalar(&before, count: before.count, mixed: 8)
    #expect(!after.isEmpty && after == before)
  }

  @Test("what a head matrix adds is what a head with it folded in computes")
  func headMatrix() throws {
    var (c, random) = (plain, SeededGenerator(seed: 12))
    c.headMatrix = true
    let matrix = FloatTensor(
      shape: [Self.width, Self.width], values: random.floats(Self.width * Self.width, in: -0.3...0.3))
    let changed = try logits(c) { try $0 == "head_matrix.weight" ? matrix : original($0) }
    let folded = try logits(plain) { name in
      let tensor = try original(name)
      return name == "lm_head.weight" ? Self.folded(matrix, into: tensor) : tensor
    }
    try expectEqual(changed, folded)
  }

  @Test("a head matrix is seen to read the normed stream, and the head what comes of it")
  func headInputs() throws {
    var (c, seen) = (plain, [String: FloatTensor]())
    c.headMatrix = true
    let half = FloatTensor(
      shape: [Self.width, Self.width],
      values: (0..<Self.width * Self.width).map { $0 % (Self.width + 1) == 0 ? 0.5 : 0 })
    let reader: Reader = { try $0 == "head_matrix.weight" ? half : original($0) }
    _ = try logits(c, reader) { seen[$0] = $1 }
    let normed = try #require(seen["head_matrix"])
    #expect(seen["head"]?.values == normed.values.map { 1.5 * $0 })
  }

  private func original(_ name: String) throws -> FloatTensor { try #require(tensors[name], "\(name)") }

  private func logits(
    _ c: DecoderConfiguration, _ tensor: @escaping Reader,
    seeing input: ((String, FloatTensor) -> Void)? = nil
  ) throws -> [Float] {
    try c.validate()
    return try FloatDecoder(c, pool: pool, tensor: tensor).logits(tokens, hooks: ReferenceHooks(input: input))
      .values
  }

  /// Rounding errors of float32 through two layers stay below 1e-5 of the greatest logit.
  private func expectEqual(_ actual: [Float], _ expected: [Float]) throws {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
    #expect(actual.count == expected.count && largest > 0 && worst <= 1e-5, "\(worst)")
    #expect(actual != expected)
  }

  /// `weight · H / mixed`: H is symmetric, so that each row of the weights is transformed like a row of inputs.
  private static func transformed(_ weight: FloatTensor, _ mixed: Int) -> FloatTensor {
    var result = weight
    HadamardKernel.scalar(&result.values, count: weight.values.count, mixed: mixed)
    for index in result.values.indices { result.values[index] /= Float(mixed) }
    return result
  }

  /// `head · (I + matrix)`
  private static func folded(_ matrix: FloatTensor, into head: FloatTensor) -> FloatTensor {
    var result = head
    for token in 0..<vocabulary {
      let row = Array(head.row(token))
      for column in 0..<width {
        result.values[token * width + column] += row.indices.reduce(0) {
          $0 + row[$1] * matrix.values[$1 * width + column]
        }
      }
    }
    return result
  }
}
