import Quantization
import TensorCore
import TestSupport
import Testing

@Suite("Static ranges and statistics")
struct StaticRangeTests {
  @Test(
    "round to within half a step inside the range",
    arguments: [[Float(-1), 1], [0, 6], [-3, 0], [2, 5], [-0.17, 8]])
  func bound(limits: [Float]) {
    let range = StaticRange(low: limits[0], high: limits[1])
    var random = SeededGenerator()
    for x in random.floats(200, in: limits[0]...limits[1]) {
      // The zero point is rounded to a code, which moves both ends by half a step at most.
      #expect(abs(range.roundTrip(x) - x) <= range.scale * 1.001)
    }
    #expect(range.roundTrip(0) == 0, "zero stays exact")
    #expect((0...255).contains(range.zero))
  }

  @Test("clip what lies outside, whatever it is")
  func clipping() {
    let range = StaticRange(low: -1, high: 1)
    #expect(abs(range.roundTrip(100) - 1) < 0.01 && abs(range.roundTrip(-100) + 1) < 0.01)
    #expect(range.roundTrip(.infinity) == range.roundTrip(100))
    #expect(StaticRange(low: 0, high: 0).scale > 0)
  }

  @Test(
    "have a finite scale and reciprocal, however near or far the ends are",
    arguments: [
      (0, .leastNonzeroMagnitude), (-.leastNonzeroMagnitude, 0), (-1e-38, 0x1p-140), (0, 1e-35),
      (-.greatestFiniteMagnitude, .greatestFiniteMagnitude), (-.greatestFiniteMagnitude, 0), (-1e38, 3e38),
    ] as [(Float, Float)])
  func extremes(low: Float, high: Float) {
    let range = StaticRange(low: low, high: high)
    #expect(range.scale > 0 && range.scale.isFinite && (1 / range.scale).isFinite)
    #expect((0...255).contains(range.zero))
    // 1.2e-38 is the finest scale whose reciprocal is finite.
    for x in [low, high] where abs(x) < 3e38 { #expect(abs(range.roundTrip(x) - x) <= range.scale * 1.001) }
    let sample = StaticRange.leastError(on: [low, high])
    #expect(sample.scale > 0 && sample.scale.isFinite && (1 / sample.scale).isFinite)
  }

  @Test("give up outliers where that makes the whole sample finer")
  func outliers() {
    var random = SeededGenerator()
    let plain = random.floats(5000)
    #expect(StaticRange.leastError(on: plain).scale > 0.95 * 2 / 255, "nothing to gain by clipping")
    let withOutlier = (0..<50_000).map { _ in random.floats(1)[0] } + [2]
    let clipped = StaticRange.leastError(on: withOutlier)
    #expect(clipped.scale < StaticRange(low: -1, high: 2).scale)
    #expect(StaticRange.leastError(on: []).scale > 0)
  }

  @Test("statistics hold each channel's range, mean square and an even sample")
  func statistics() {
    var statistics = ActivationStatistics(columns: 2)
    for batch in 0..<40 {
      let rows: [Float] = (0..<128).map { $0 % 2 == 0 ? Float(batch * 64 + $0 / 2) : $0 % 4 == 1 ? 3 : -3 }
      statistics.add(FloatTensor(shape: [64, 2], values: rows))
    }
    #expect(statistics.minimum == [0, -3] && statistics.maximum == [2559, 3])
    #expect(abs(statistics.importance[1] - 9) < 1e-4)
    let sample = statistics.sample.map { $0[0] }
    #expect(sample.count <= ActivationStatistics.sampleLimit && sample.count >= 256)
    let distances = zip(sample.dropFirst(), sample).map { $0 - $1 }
    #expect(Set(distances).count == 1, "every n-th row")
    #expect(statistics.sampleRows.shape == [sample.count, 2])
  }
}
