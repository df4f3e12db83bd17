import Testing

@testable import qpack

@Suite("Decimals in reports")
struct DecimalsTests {
  @Test(
    "are fixed-point where the digits fit, and the number itself where not",
    arguments: [
      (0.12345, 4, "0.1235"), (-0.00001, 2, "0.00"), (12, 0, "12"), (1e20, 4, "1e+20"),
      (-1e300, 2, "-1e+300"),
      (9.3e18, 0, "9.3e+18"), (.infinity, 2, "inf"), (.nan, 2, "nan"),
    ])
  func text(value: Double, places: Int, expected: String) { #expect(decimals(value, places) == expected) }
}
