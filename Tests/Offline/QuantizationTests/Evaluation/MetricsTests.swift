import Glibc
import TensorCore
import Testing

@testable import Quantization

@Suite("Metrics")
struct MetricsTests {
  @Test("of equal logits are the reference's likelihood, no divergence and full agreement")
  func equal() throws {
    // Probabilities 1/2, 1/4, 1/4 at each position.
    let two = Float(log(2.0))
    let logits = FloatTensor(shape: [3, 3], values: [two, 0, 0, 0, two, 0, 0, 0, two])
    var metrics = TextMetrics()
    metrics.add(tokens: [0, 0, 2], quantized: logits, reference: logits)
    #expect(metrics.scored == 2)
    let expected = (log(2.0) + log(4.0)) / 2
    #expect(abs(metrics.meanNLL - expected) < 1e-6)
    #expect(metrics.meanNLL == metrics.meanReferenceNLL)
    #expect(abs(try #require(metrics.meanDivergence)) < 1e-12)
    #expect(metrics.agreement == 1)
  }

  @Test("count a changed first guess and measure the divergence from the reference")
  func different() throws {
    let reference = FloatTensor(shape: [1, 2], values: [Float(log(3.0)), 0])  // 3/4, 1/4
    let quantized = FloatTensor(shape: [1, 2], values: [0, Float(log(3.0))])  // 1/4, 3/4
    var metrics = TextMetrics()
    metrics.add(tokens: [1, 0], quantized: quantized, reference: reference)
    let (four, reduced, half) = (log(4.0), log(4.0 / 3), 0.5 * log(3.0))
    #expect(abs(metrics.meanNLL - four) < 1e-6)
    #expect(abs(try #require(metrics.meanReferenceNLL) - reduced) < 1e-6)
    #expect(abs(try #require(metrics.meanDivergence) - half) < 1e-6)
    #expect(metrics.agreement == 0)
  }

  @Test("without a reference say nothing about it")
  func alone() {
    var text = TextMetrics()
    text.add(tokens: [0, 1], quantized: FloatTensor(shape: [1, 2], values: [0, 0]), reference: nil)
    #expect(text.meanReferenceNLL == nil && text.meanDivergence == nil && text.agreement == nil)
    var images = ImageMetrics()
    images.add(label: 1, quantized: [0, 1], reference: nil)
    #expect(images.top1 == 1 && images.top1Reference == nil && images.agreement == nil)
  }

  @Test("of images count right guesses on both sides, and where both agree")
  func images() {
    var metrics = ImageMetrics()
    metrics.add(label: 0, quantized: [2, 1], reference: [2, 1])
    metrics.add(label: 0, quantized: [1, 2], reference: [2, 1])
    metrics.add(label: 1, quantized: [2, 1], reference: [3, 1])
    metrics.add(label: 1, quantized: [1, 2], reference: [1, 1])
    #expect(metrics.count == 4 && metrics.top1 == 0.5 && metrics.top1Reference == 0.5)
    #expect(metrics.agreement == 0.5, "of equal logits the first counts")
  }

  @Test("stay finite for logits far apart")
  func extremes() {
    let logits = LogProbabilities([1000, -1000, 0][...])
    #expect(logits[0] == 0 && logits[1] == -2000 && logits.top == 0)
    #expect(logits.divergence(to: logits) == 0)
  }
}
