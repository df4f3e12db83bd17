import Architectures
import Kernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

func exp2Double(_ x: Double) -> Double { exp2(x) }

@Suite("Bidirectional attention")
struct BidirectionalAttentionTests {
  static let (heads, headSize) = (3, 12)

  /// q, k and v of `images · tokens` rows, side by side as one linear layer writes them.
  static func input(_ images: Int, _ tokens: Int) -> [Float] {
    var random = SeededGenerator(seed: UInt64(tokens))
    return random.floats(images * tokens * 3 * heads * headSize, in: -2...2)
  }

  static func run(
    _ scheme: AttentionScheme, images: Int, tokens: Int, threads: Int = 1, set: InstructionSet = .current,
    input: [Float]
  ) -> [Float] {
    let attention = BidirectionalAttention(
      heads: heads, headSize: headSize, tokens: tokens, pool: WorkerPool(threads: threads), set: set)
    let width = heads * headSize
    var output = [Float](repeating: 0, count: images * tokens * width)
    input.withUnsafeBufferPointer {
      guard let q = $0.baseAddress else { return }
      attention(
        scheme, images: images, q: q, k: q + width, v: q + 2 * width, stride: 3 * width, output: &output)
    }
    return output
  }

  @Test("is close to exact attention", arguments: [1, 5, 64, 65, 197])
  func accuracy(tokens: Int) {
    let input = Self.input(1, tokens)
    let exact = Self.exact(input, tokens: tokens)
    for (scheme, bound) in [
      (AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8), 0.03), (AttentionScheme(), 0.22),
      (AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .log64), 0.04),
    ] {
      let output = Self.run(scheme, images: 1, tokens: tokens, input: input)
      let error = zip(output, exact).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
      let norm = exact.reduce(0.0) { $0 + $1 * $1 }
      #expect((error / norm).squareRoot() < bound, "\(scheme)")
    }
  }

  @Test("batches, threads and instruction sets do not change a bit", arguments: InstructionSet.runnable)
  func determinism(set: InstructionSet) {
    let input = Self.input(3, 70)
    for scheme in attentionSchemes {
      let expected = Self.run(scheme, images: 3, tokens: 70, set: .scalar, input: input)
      #expect(Self.run(scheme, images: 3, tokens: 70, threads: 2, set: set, input: input) == expected)
      let image = 70 * 3 * Self.heads * Self.headSize
      let alone = Self.run(scheme, images: 1, tokens: 70, set: set, input: Array(input[image..<2 * image]))
      #expect(alone == Array(expected[image / 3..<2 * image / 3]))
    }
  }

  static func exact(_ input: [Float], tokens: Int) -> [Double] {
    let width = heads * headSize
    var result: [Double] = []
    for t in 0..<tokens {
      for h in 0..<heads {
        var (total, sums) = (0.0, [Double](repeating: 0, count: headSize))
        for s in 0..<tokens {
          var logit = 0.0
          for c in 0..<headSize {
            logit += Double(
              input[t * 3 * width + h * headSize + c] * input[s * 3 * width + width + h * headSize + c])
          }
          let weight = exp(logit / Double(headSize).squareRoot())
          total += weight
          for c in 0..<headSize {
            sums[c] += weight * Double(input[s * 3 * width + 2 * width + h * headSize + c])
          }
        }
        result += sums.map { $0 / total }
      }
    }
    return result
  }
}
