import Architectures
import Glibc
import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Rotary embedding")
struct RotaryKernelTests {
  @Test("equals the scalar definition", arguments: RotaryKernel.runnable, simdSizes(upTo: 150))
  func equalsScalar(kernel: RotaryKernel, pairs: Int) {
    var random = SeededGenerator(seed: 4)
    let (heads, d) = (3, pairs * 2)
    let angles = random.floats(pairs, in: 0...7)
    for x in random.floatCases(heads * d) {
      for (c, s) in [
        (angles.map { cosf($0) }, angles.map { sinf($0) }), (random.hostileFloats(pairs), angles),
      ] {
        var expected = x
        rotary(&expected, cosines: c, sines: s, heads: heads, d: d)
        let (actual, cosines, sines) = (GuardedBuffer(x), GuardedBuffer(c), GuardedBuffer(s))
        kernel(actual.base, cosines: cosines.base, sines: sines.base, heads: heads, d: d)
        #expect(firstDifference(actual.elements, expected) == nil, "\(pairs) pairs, \(random)")
      }
    }
  }

  /// |x₁|, |x₂| ≤ 1: two roundings of at most 2⁻²⁴ each, and cosine and sine rounded once.
  @Test("rotates by position · theta^(−2i/d)")
  func angles() {
    let (d, theta) = (64, 10_000.0)
    let table = RotaryTable(headDimension: d, context: 100, theta: theta)
    var random = SeededGenerator()
    for position in [0, 1, 37, 99] {
      let x = random.floats(d)
      var y = x
      RotaryKernel.best(
        &y, cosines: table.cosines(at: position), sines: table.sines(at: position), heads: 1, d: d)
      for i in 0..<d / 2 {
        let angle = Double(position) * pow(theta, -2 * Double(i) / Double(d))
        let (a, b) = (Double(x[i]), Double(x[i + d / 2]))
        #expect(abs(Double(y[i]) - (a * cos(angle) - b * sin(angle))) <= 4 * 0x1p-24)
        #expect(abs(Double(y[i + d / 2]) - (b * cos(angle) + a * sin(angle))) <= 4 * 0x1p-24)
      }
    }
  }

  @Test("the Llama 3 scaling keeps short waves, stretches long ones and is monotonic between")
  func llama3Scaling() {
    let scaling = DecoderConfiguration.RopeScaling(
      factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192)
    let plain = RotaryTable(headDimension: 64, context: 2, theta: 500_000)
    let scaled = RotaryTable(headDimension: 64, context: 2, theta: 500_000, scaling: scaling)
    let (before, after) = (plain.sines(at: 1), scaled.sines(at: 1))
    #expect(after[0] == before[0])
    #expect(abs(after[31] / before[31] - 1 / 32) < 1e-6)
    for i in 1..<32 {
      #expect(after[i] < after[i - 1])
      #expect(after[i] <= before[i] && after[i] >= before[i] / 32 * (1 - 1e-6))
    }
  }
}
