import FloatKernels
import Glibc
import Kernels
import TestSupport
import Testing

@Suite("Float attention")
struct FloatAttentionTests {
  /// |v| ≤ 1 and logits within ±3: weights err by about 1e-5 relative (softmax), sums by `(tokens/16 + 6) ·
  /// 2⁻²⁴`.
  @Test("is close to double precision", arguments: [nil, 0, 5], [1, 17, 130])
  func accuracy(causalOffset: Int?, rows: Int) {
    var random = SeededGenerator(seed: UInt64(rows))
    let (tokens, d, stride) = (rows + 5, 24, 31)
    let q = random.floats(rows * stride)
    let (k, v) = (random.floats(tokens * stride), random.floats(tokens * stride))
    let attention = FloatAttention(
      rows: rows, tokens: tokens, dimension: d, queryStride: stride, keyStride: stride,
      causalOffset: causalOffset)
    var output = [Float](repeating: .nan, count: rows * d)
    attention(queries: q, keys: k, values: v, output: &output)
    for row in 0..<rows {
      let visible = causalOffset.map { min($0 + row + 1, tokens) } ?? tokens
      let weights = (0..<visible).map { (t: Int) -> Double in
        let dot = (0..<d).reduce(0) { $0 + Double(q[row * stride + $1]) * Double(k[t * stride + $1]) }
        return exp(dot / Double(d).squareRoot())
      }
      let sum = weights.reduce(0, +)
      for c in 0..<d {
        let exact = (0..<visible).reduce(0) { $0 + weights[$1] * Double(v[$1 * stride + c]) } / sum
        #expect(abs(Double(output[row * d + c]) - exact) <= 2e-5, "row \(row), channel \(c), \(random)")
      }
    }
  }

  @Test("the first causal row sees itself alone")
  func firstRow() {
    var random = SeededGenerator()
    let (d, tokens) = (8, 4)
    let (q, k, v) = (random.floats(d), random.floats(tokens * d), random.floats(tokens * d))
    var output = [Float](repeating: 0, count: d)
    FloatAttention(rows: 1, tokens: tokens, dimension: d, causalOffset: 0)(
      queries: q, keys: k, values: v, output: &output)
    #expect(output == Array(v[0..<d]))
  }
}
