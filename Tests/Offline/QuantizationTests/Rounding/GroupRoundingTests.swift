import Quantization
import TensorCore
import TestSupport
import Testing

@Suite("4-bit rounding in two-level groups")
struct GroupRoundingTests {
  @Test("keeps codes, steps, zero points and integers in their ranges", arguments: [1, 31, 32, 33, 64, 172])
  func ranges(columns: Int) {
    var random = SeededGenerator(seed: UInt64(columns))
    for values in random.floatCases(5 * columns).prefix(2) {
      let rounding = GroupRounding(FloatTensor(shape: [5, columns], values: values))
      let groups = (columns + 31) / 32
      #expect(rounding.paddedColumns == groups * 32)
      #expect(rounding.codes.allSatisfy { $0 <= 15 } && rounding.zeros.allSatisfy { $0 <= 15 })
      #expect(rounding.steps.allSatisfy { (1...16).contains($0) })
      for (index, code) in rounding.codes.enumerated() {
        let group = index / 32
        let integer = Int(rounding.steps[group]) * (Int(code) - Int(rounding.zeros[group]))
        #expect((-127...127).contains(integer))
        if index % rounding.paddedColumns >= columns { #expect(integer == 0, "padding has weight 0") }
      }
    }
  }

  @Test("gives a row times a power of two the same codes", arguments: [-110, -60, 40, 70, 120, 127])
  func scaled(exponent: Int) {
    var random = SeededGenerator(seed: 9)
    let weight = FloatTensor(shape: [4, 70], values: random.floats(4 * 70, in: -0.9...0.9))
    let factor = Float(sign: .plus, exponent: exponent, significand: 1)
    let importance = random.floats(70, in: 0.1...2)
    let plain = GroupRounding(weight, importance: importance)
    let other = GroupRounding(
      FloatTensor(shape: weight.shape, values: weight.values.map { $0 * factor }), importance: importance)
    #expect(other.codes == plain.codes && other.steps == plain.steps && other.zeros == plain.zeros)
    for (a, b) in zip(plain.scales, other.scales) { #expect(b == a * factor) }
  }

  @Test(
    "has a finite answer for every finite row",
    arguments: [Float.leastNonzeroMagnitude, .greatestFiniteMagnitude])
  func extremes(magnitude: Float) {
    var values = [Float](repeating: 0, count: 64)
    (values[0], values[1], values[40]) = (magnitude, -magnitude, magnitude)
    let rounding = GroupRounding(FloatTensor(shape: [1, 64], values: values))
    #expect(rounding.scales[0].isFinite && rounding.codes.allSatisfy { $0 <= 15 })
  }

  @Test("is off by no more than one step of the group, and by half a step in the mean")
  func bound() {
    var random = SeededGenerator(seed: 3)
    let columns = 172
    let weight = FloatTensor(shape: [16, columns], values: random.floats(16 * columns, in: -0.4...0.4))
    let rounding = GroupRounding(weight)
    let back = rounding.dequantized(columns: columns)
    var (inside, total) = (0, 0)
    for row in 0..<16 {
      for column in 0..<columns {
        let step = Float(rounding.steps[row * 6 + column / 32]) * rounding.scales[row]
        let error = abs(weight.row(row)[row * columns + column] - back.row(row)[row * columns + column])
        // The search may clip a group's ends for the sake of the rest, never by more than a step or two.
        #expect(error <= 2 * step)
        inside += error <= step / 2 + 1e-6 ? 1 : 0
        total += 1
      }
    }
    #expect(Double(inside) / Double(total) > 0.95)
  }

  @Test("keeps 16 levels of a group exactly, wherever zero is among them", arguments: [0, 3, 7, 8, 12, 15])
  func exact(zero: Int) {
    let values = (0..<32).map { Float($0 % 16 - zero) * 0.7 }
    let rounding = GroupRounding(FloatTensor(shape: [1, 32], values: values))
    let back = rounding.dequantized(columns: 32).values
    for (exact, rounded) in zip(values, back) { #expect(abs(exact - rounded) <= 1e-4 * abs(exact)) }
  }

  @Test("gives a channel of zeros scale 0, and a group of zeros weights 0")
  func zeros() {
    let rounding = GroupRounding(
      FloatTensor(
        shape: [2, 64],
        values: [Float](repeating: 0, count: 96) + (0..<32).map { Float($0) / 32 - 0.4 }))
    #expect(rounding.scales[0] == 0)
    #expect(rounding.dequantized(columns: 64).values[..<96].allSatisfy { $0 == 0 })
  }

  @Test("lets a small group beside an outlier keep a fine step of its own")
  func outlier() {
    var random = SeededGenerator(seed: 4)
    var values = random.floats(64, in: -0.1...0.1)
    values[0] = 1.6
    let rounding = GroupRounding(FloatTensor(shape: [1, 64], values: values))
    let back = rounding.dequantized(columns: 64).values
    #expect(abs(back[0] - 1.6) <= 0.06)
    #expect(rounding.steps[1] * 4 <= rounding.steps[0])
    for index in 32..<64 { #expect(abs(values[index] - back[index]) <= 0.012) }
  }

  @Test("spends its precision where inputs are large")
  func importance() {
    var random = SeededGenerator(seed: 5)
    let weight = FloatTensor(shape: [8, 32], values: random.floats(256))
    let important = (0..<32).map { $0 < 4 ? Float(100) : 0.01 }
    let error = { (rounding: GroupRounding) in
      let back = rounding.dequantized(columns: 32)
      return (0..<256).reduce(Float(0)) { sum, index in
        let difference = weight.values[index] - back.values[index]
        return sum + difference * difference * important[index % 32]
      }
    }
    #expect(error(GroupRounding(weight, importance: important)) <= error(GroupRounding(weight)))
  }

  @Test("loses little against groups with a float scale and a free zero point")
  func againstFloatScales() {
    var random = SeededGenerator(seed: 6)
    let rows = 32
    let values = (0..<rows * 64).map { _ in
      (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -0.5...0.5, using: &random) }
    }
    let back = GroupRounding(FloatTensor(shape: [rows, 64], values: values)).dequantized(columns: 64).values
    let twoLevel = zip(values, back).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    var plain: Float = 0
    for start in stride(from: 0, to: values.count, by: 32) {
      let group = values[start..<start + 32]
      let (low, high) = (group.min() ?? 0, group.max() ?? 0)
      let step = (high - low) / 15
      for value in group {
        let difference = ((value - low) / step).rounded() * step + low - value
        plain += difference * difference
      }
    }
    print("squared error of two-level groups over float scales: \(twoLevel / plain)")
    #expect(twoLevel <= 1.1 * plain)
  }
}
