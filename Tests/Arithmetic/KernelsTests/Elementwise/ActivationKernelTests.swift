import Glibc
import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Activations")
struct ActivationKernelTests {
  @Test("GELU equals the scalar definition", arguments: GELUKernel.runnable, simdSizes(upTo: 300))
  func geluEqualsScalar(kernel: GELUKernel, count: Int) {
    var random = SeededGenerator(seed: 2)
    for x in random.floatCases(count) {
      var expected = x
      gelu(x, &expected, count: count)
      let (input, output) = (GuardedBuffer(x), GuardedBuffer(x))
      kernel(input.base, output.base, count: count)
      kernel(input.base, input.base, count: count)
      #expect(firstDifference(output.elements, expected) == nil, "\(count) values, \(random)")
      #expect(firstDifference(input.elements, expected) == nil, "in place, \(count) values, \(random)")
    }
  }

  @Test(
    "the SiLU gate equals the scalar definition", arguments: SiLUGateKernel.runnable, simdSizes(upTo: 300))
  func siluGateEqualsScalar(kernel: SiLUGateKernel, count: Int) {
    var random = SeededGenerator(seed: 3)
    for (gate, up) in zip(random.floatCases(count), random.floatCases(count)) {
      var expected = gate
      siluGate(gate, up, &expected, count: count)
      let (g, u) = (GuardedBuffer(gate), GuardedBuffer(up))
      kernel(gate: g.base, up: u.base, g.base, count: count)
      #expect(firstDifference(g.elements, expected) == nil, "\(count) values, \(random)")
    }
  }

  /// The documented bound: the polynomials' 3.94e-5; where they are cut off, `limit · Φ(−limit)`, 2.4e-5.
  @Test("GELU is within 4e-5 of the exact one, and within half a unit in a million above 8")
  func geluAccuracy() {
    for step in -400_000...400_000 {
      let x = Float(step) / 20_000
      let exact = 0.5 * Double(x) * erfc(-Double(x) / 2.0.squareRoot())
      let error = abs(Double(gelu(x)) - exact)
      if error > (x > 8 ? 5e-7 * Double(x) : 4e-5) { Issue.record("gelu(\(x)) is off by \(error)") }
    }
  }

  @Test("GELU keeps NaN and infinity, and is 0 far below zero")
  func geluExtremes() {
    #expect(gelu(Float.nan).isNaN)
    #expect(gelu(Float.infinity) == .infinity)
    #expect(gelu(Float.greatestFiniteMagnitude) == .greatestFiniteMagnitude)
    for x in [-20, -1e30, -Float.infinity] { #expect(gelu(x) == 0) }
  }

  /// The exponential errs by 4e-6 plus |g| · 2⁻²⁴ relative to itself, and σ(g) by no more; three roundings
  /// follow.
  @Test("SiLU is close to double precision")
  func siluAccuracy() {
    for step in -8000...8000 {
      let g = Float(step) / 100
      var y: Float = 0
      siluGate([g], [1], &y, count: 1)
      let exact = Double(g) / (1 + exp(-Double(g)))
      #expect(abs(Double(y) - exact) <= abs(exact) * (4e-6 + Double(abs(g) + 3) * 0x1p-24))
    }
  }

  @Test(
    "the GeGLU gate equals the scalar definition", arguments: GELUTanhGateKernel.runnable,
    simdSizes(upTo: 300))
  func geluTanhGateEqualsScalar(kernel: GELUTanhGateKernel, count: Int) {
    var random = SeededGenerator(seed: 4)
    for (gate, up) in zip(random.floatCases(count), random.floatCases(count)) {
      var expected = gate
      geluTanhGate(gate, up, &expected, count: count)
      let (g, u) = (GuardedBuffer(gate), GuardedBuffer(up))
      kernel(gate: g.base, up: u.base, g.base, count: count)
      #expect(firstDifference(g.elements, expected) == nil, "\(count) values, \(random)")
    }
  }

  @Test("the tanh form of GELU is within 1e-5 of double precision")
  func geluTanhAccuracy() {
    for step in -8000...8000 {
      let g = Double(step) / 500
      var y: Float = 0
      geluTanhGate([Float(g)], [1], &y, count: 1)
      let exact = 0.5 * g * (1 + tanh((2 / Double.pi).squareRoot() * (g + 0.044715 * g * g * g)))
      #expect(abs(Double(y) - exact) <= 1e-5 * max(1, abs(exact)))
    }
  }

  @Test("the soft cap equals the scalar definition", arguments: SoftCapKernel.runnable, simdSizes(upTo: 300))
  func softCapEqualsScalar(kernel: SoftCapKernel, count: Int) {
    var random = SeededGenerator(seed: 5)
    for x in random.floatCases(count) {
      var expected = x
      softCap(&expected, count: count, cap: 30)
      let row = GuardedBuffer(x)
      kernel(row.base, count: count, cap: 30)
      #expect(firstDifference(row.elements, expected) == nil, "\(count) values, \(random)")
    }
  }

  @Test(
    "the soft cap is within 4e-6 of its cap, and NaN and infinity are not hidden",
    arguments: [30, 50] as [Float])
  func softCapAccuracy(cap: Float) {
    for step in -8000...8000 {
      let x = Double(step) / 20
      let exact = Double(cap) * tanh(x / Double(cap))
      #expect(abs(Double(softCap(Float(x), cap: cap)) - exact) <= 4e-6 * Double(cap))
    }
    for x in [Float.nan, .infinity, -.infinity] { #expect(softCap(x, cap: cap).isNaN) }
  }
}
