import Quantization
import TensorCore
import TestSupport
import Testing

@Suite("8-bit rounding per channel")
struct ChannelRoundingTests {
  @Test("keeps rows at both ends of float32 finite")
  func extremes() {
    let most = Float.greatestFiniteMagnitude
    let rounding = ChannelRounding(
      FloatTensor(shape: [3, 2], values: [most, -most, .leastNonzeroMagnitude, 0, 1e-40, -0.5e-40]))
    let values = rounding.dequantized(columns: 2).values
    #expect(values.allSatisfy(\.isFinite) && abs(values[0] / most - 1) < 1e-6)
    #expect(values[2...3] == [0, 0] && rounding.codes[2...3] == [0, 0], "a scale below the smallest float")
    #expect(abs(values[4] - 1e-40) <= rounding.scales[2])
  }

  @Test("is off by half a step at most", arguments: [1, 3, 31, 32, 33, 64, 172])
  func bound(columns: Int) {
    var random = SeededGenerator(seed: UInt64(columns))
    let weight = FloatTensor(shape: [9, columns], values: random.floats(9 * columns, in: -3...3))
    let rounding = ChannelRounding(weight)
    let back = rounding.dequantized(columns: columns)
    for row in 0..<9 {
      // Half a step, and the rounding of the scale and the two products.
      let bound = rounding.scales[row] / 2 + 3 * 127 * rounding.scales[row] * Float.ulpOfOne
      for (exact, rounded) in zip(weight.row(row), back.row(row)) { #expect(abs(exact - rounded) <= bound) }
    }
    #expect(rounding.codes.allSatisfy { $0 >= -127 })
  }

  @Test("uses the whole range of each channel by itself")
  func range() {
    let weight = FloatTensor(shape: [3, 2], values: [1000, -500, 0.001, 0.0005, -7, 7])
    let rounding = ChannelRounding(weight)
    #expect(rounding.codes[0] == 127 && rounding.codes[2] == 127)
    #expect(Array(rounding.codes[4...]) == [-127, 127])
    let scales: [Float] = [1000 / 127, 0.001 / 127, 7 / 127]
    #expect(rounding.scales == scales)
  }

  @Test("gives a channel of zeros scale 0 and codes 0")
  func zeros() {
    let rounding = ChannelRounding(FloatTensor(shape: [2, 4], values: [0, 0, -0.0, 0, 1, 2, 3, 4]))
    #expect(rounding.scales[0] == 0 && rounding.codes[..<4].allSatisfy { $0 == 0 })
    #expect(rounding.dequantized(columns: 4).row(0).allSatisfy { $0 == 0 })
  }

  @Test("keeps multiples of the scale exactly")
  func exact() {
    let values = (-127...127).map { Float($0) * 0.25 }
    let rounding = ChannelRounding(FloatTensor(shape: [1, 255], values: values))
    #expect(rounding.codes == Array(-127...127))
    #expect(rounding.dequantized(columns: 255).values == values)
  }
}
