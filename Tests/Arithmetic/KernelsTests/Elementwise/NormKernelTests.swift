import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Norms")
struct NormKernelTests {
  @Test("RMSNorm equals the scalar definition", arguments: RMSNormKernel.runnable, simdSizes(upTo: 300))
  func rmsNormEqualsScalar(kernel: RMSNormKernel, count: Int) {
    var random = SeededGenerator()
    for (x, weight) in zip(random.floatCases(count), random.floatCases(count)) {
      var expected = x
      rmsNorm(x, weight: weight, &expected, count: count, epsilon: 1e-5)
      let (input, w, output) = (GuardedBuffer(x), GuardedBuffer(weight), GuardedBuffer(x))
      kernel(input.base, weight: w.base, output.base, count: count, epsilon: 1e-5)
      kernel(input.base, weight: w.base, input.base, count: count, epsilon: 1e-5)
      #expect(firstDifference(output.elements, expected) == nil, "\(count) values, \(random)")
      #expect(firstDifference(input.elements, expected) == nil, "in place, \(count) values, \(random)")
    }
  }

  @Test("LayerNorm equals the scalar definition", arguments: LayerNormKernel.runnable, simdSizes(upTo: 300))
  func layerNormEqualsScalar(kernel: LayerNormKernel, count: Int) {
    var random = SeededGenerator()
    for (x, weight) in zip(random.floatCases(count), random.floatCases(count)) {
      let bias = random.floats(count)
      var expected = x
      layerNorm(x, weight: weight, bias: bias, &expected, count: count, epsilon: 1e-6)
      let (input, w, b) = (GuardedBuffer(x), GuardedBuffer(weight), GuardedBuffer(bias))
      let output = GuardedBuffer(x)
      kernel(input.base, weight: w.base, bias: b.base, output.base, count: count, epsilon: 1e-6)
      kernel(input.base, weight: w.base, bias: b.base, input.base, count: count, epsilon: 1e-6)
      #expect(firstDifference(output.elements, expected) == nil, "\(count) values, \(random)")
      #expect(firstDifference(input.elements, expected) == nil, "in place, \(count) values, \(random)")
    }
  }

  /// Lane sums of `n` values within ±4 err by at most `(n/16 + 5) · ε · Σ|x|`, ε = 2⁻²⁴; both norms divide by
  /// a deviation of about 2.3, so that mean, deviation and result stay within `4 · (n/16 + 8) · ε` of the
  /// exact ones.
  @Test("norms are close to double precision", arguments: [16, 100, 768, 2048])
  func accuracy(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let (x, w, b) = (random.floats(count, in: -4...4), random.floats(count), random.floats(count))
    var (rms, layer) = (x, x)
    RMSNormKernel.best(x, weight: w, &rms, count: count, epsilon: 1e-5)
    LayerNormKernel.best(x, weight: w, bias: b, &layer, count: count, epsilon: 1e-5)
    let n = Double(count)
    let mean = x.reduce(0) { $0 + Double($1) } / n
    let meanSquare = x.reduce(0) { $0 + Double($1) * Double($1) } / n
    let tolerance = 4 * (n / 16 + 8) * 0x1p-24
    for i in 0..<count {
      let expectedRMS = Double(x[i]) / (meanSquare + 1e-5).squareRoot() * Double(w[i])
      let deviation = (meanSquare - mean * mean + 1e-5).squareRoot()
      let expectedLayer = (Double(x[i]) - mean) / deviation * Double(w[i]) + Double(b[i])
      #expect(abs(Double(rms[i]) - expectedRMS) <= tolerance)
      #expect(abs(Double(layer[i]) - expectedLayer) <= tolerance)
    }
  }
}
