import Glibc
import ScalarKernels
import Testing

@Suite("GELU in 16-bit integers")
struct FixedPointGELUTests {
  /// From the ranges of trained layers to those that only a damaged file has.
  static let quantizations = [
    StaticQuantization(inverse: 255 / 4.17, zero: 10), StaticQuantization(inverse: 255 / 8.2, zero: 5),
    StaticQuantization(inverse: 31, zero: 93), StaticQuantization(inverse: 255 / 1.2, zero: 36),
    StaticQuantization(inverse: 255 / 30, zero: 1), StaticQuantization(inverse: 1e-3, zero: 0),
    StaticQuantization(inverse: 5000, zero: 128),
    StaticQuantization(inverse: .greatestFiniteMagnitude, zero: 255),
    StaticQuantization(inverse: .leastNonzeroMagnitude, zero: 255),
  ]

  /// A line leaves at most 2e-4 units, and three roundings to parts and one to a step at most as much as `fraction` says.
  @Test(
    "is within a twentieth of a code of the exact one for layers that reach 2 to 30",
    arguments: [2, 3.99, 4, 4.01, 7.9, 8.1, 30])
  func accuracy(top: Double) {
    let inverse = Float(255 / (top + 0.17))
    let codes = StaticQuantization(inverse: inverse, zero: (0.17 * inverse).rounded(.up))
    let gelu = FixedPointGELU(codes)
    for step in -40_000...40_000 {
      let x = Float(step) / 1_250
      let exact = exactCode(Double(x), codes)
      let error = abs(Double(gelu.code(x)) - exact)
      if error > 0.55 { Issue.record("\(x) has code \(gelu.code(x)), exactly \(exact), up to \(top)") }
    }
  }

  @Test("gives 0 its own code, and so everything far below and NaN", arguments: quantizations.dropLast(3))
  func extremes(codes: StaticQuantization) {
    let gelu = FixedPointGELU(codes)
    for x in [0, -0.0, -1e3, -1e30, -Float.infinity, .nan] {
      #expect(gelu.code(x) == Int32(codes.zero), "\(x)")
    }
    for x in [Float.infinity, .greatestFiniteMagnitude] { #expect(gelu.code(x) == 255) }
  }

  @Test("gives codes for every range and value", arguments: quantizations)
  func damaged(codes: StaticQuantization) {
    let gelu = FixedPointGELU(codes)
    for x in [0, 1e-40, -1, 3, 1e5, -1e5, 1e38, -Float.infinity, .infinity, .nan] {
      #expect((0...255).contains(gelu.code(x)))
    }
  }

  /// The code before it is rounded.
  private func exactCode(_ x: Double, _ codes: StaticQuantization) -> Double {
    let gelu = 0.5 * x * erfc(-x / 2.0.squareRoot())
    return min(max(gelu * Double(codes.inverse) + Double(codes.zero), 0), 255)
  }
}
