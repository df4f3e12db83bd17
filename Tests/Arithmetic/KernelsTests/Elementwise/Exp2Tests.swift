import Glibc
import ScalarKernels
import Testing

@Suite("Base-2 exponential")
struct Exp2Tests {
  @Test("stays within its relative error over the whole range")
  func accuracy() {
    var worst = 0.0
    for step in -126_000...126_000 {
      let x = Float(step) / 1000
      let exact = exp2(Double(x))
      worst = max(worst, abs(Double(approximateExp2(x)) / exact - 1))
    }
    #expect(worst <= 3.3e-6)
  }

  @Test("is exact for integers", arguments: -126...126)
  func integers(n: Int) {
    #expect(approximateExp2(Float(n)) == Float(sign: .plus, exponent: n, significand: 1))
  }

  @Test("clamps what is out of range, NaN to the least value")
  func clamps() {
    #expect(approximateExp2(.nan) == 0x1p-126)
    #expect(approximateExp2(-.infinity) == 0x1p-126)
    #expect(approximateExp2(.infinity) == 0x1p126)
    #expect(approximateExp2(-.greatestFiniteMagnitude) == 0x1p-126)
    #expect(approximateExp(-1e30) == 0x1p-126)
  }
}
