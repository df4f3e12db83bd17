import Architectures
import Kernels
import ScalarKernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Attention with a window and a cap")
struct WindowKernelTests {
  static let rules = [LogitRule(), LogitRule(scale: 0.3, cap: 5), LogitRule(scale: 4, cap: 50)]

  @Test(
    "a cut first page equals the scalar definition", arguments: AttendPagesKernel.runnable, [20, 80])
  func pages(kernel: AttendPagesKernel, headSize: Int) {
    var random = SeededGenerator(seed: 11)
    for scheme in pageSchemes {
      for rule in Self.rules {
        for (rows, pages, first, perToken) in [
          (1, 1, 63, 1), (9, 2, 60, 3), (64, 1, 0, 1), (8, 5, -3, 1), (7, 6, 31, 7), (5, 3, 15, 1),
        ] {
          let fixture = AttentionFixture(
            scheme, headSize: headSize, pages: pages, rows: rows, logits: rule,
            cut: WindowCut(first: first, rowsPerToken: perToken), random: &random)
          #expect(
            bits(fixture.states(kernel)) == bits(fixture.states(.select(for: .scalar))),
            "\(scheme), \(rule), \(rows) rows from \(first)")
        }
      }
    }
  }

  @Test("a cut tail equals the scalar definition", arguments: AttendTailKernel.runnable, [20, 80])
  func tails(kernel: AttendTailKernel, headSize: Int) {
    var random = SeededGenerator(seed: 12)
    for rule in Self.rules {
      for window in [1, 2, 15, 16, 17, 63, .max] {
        for (rows, perToken, firstLimit) in [(3, 3, 64), (64, 1, 1), (9, 3, 30), (12, 6, 7), (8, 4, 16)] {
          let fixture = AttentionFixture(
            AttentionScheme(), headSize: headSize, pages: 1, rows: rows, logits: rule, random: &random)
          func states(_ kernel: AttendTailKernel) -> [UInt32] {
            bits(
              fixture.tailStates(kernel, rowsPerToken: perToken, firstLimit: firstLimit, window: window))
          }
          #expect(states(kernel) == states(.select(for: .scalar)), "\(rule), window \(window), \(rows) rows")
        }
      }
    }
  }

  @Test(
    "a hidden token weighs nothing in any code, though its logit is the greatest", arguments: pageSchemes
  )
  func hidden(scheme: AttentionScheme) {
    var random = SeededGenerator(seed: 13)
    // The states' `l` is the sum of the weights in steps of 1/255, so one visible token gives exactly 255.
    for kernel in AttendPagesKernel.runnable {
      for cap in [nil, 0.5, 30] {
        let fixture = AttentionFixture(
          scheme, headSize: 16, pages: 1, rows: 1, logits: LogitRule(scale: 10, cap: cap),
          cut: WindowCut(first: 63, rowsPerToken: 1), random: &random)
        #expect(fixture.states(kernel)[1] == 255)
        let broken = AttentionFixture(
          replacing: [Float](repeating: .nan, count: fixture.queries.count), in: fixture)
        #expect(broken.states(kernel)[1] == 0)
      }
    }
  }

  @Test(
    "extreme and broken queries trap nowhere and spread to no other row",
    arguments: AttendPagesKernel.runnable)
  func extremes(kernel: AttendPagesKernel) {
    var random = SeededGenerator(seed: 15)
    let cut = WindowCut(first: 20, rowsPerToken: 2)
    for scheme in pageSchemes {
      let plain = AttentionFixture(
        scheme, headSize: 64, pages: 2, rows: 4, logits: LogitRule(cap: 3), cut: cut, random: &random)
      let half = plain.states(kernel).count / 2
      for value in [Float.nan, .infinity, -.infinity, 1e38, 1e-38, 0] {
        var queries = plain.queries
        for i in 0..<128 where i % 3 == 0 || value == 0 { queries[i] = value }
        let fixture = AttentionFixture(replacing: queries, in: plain)
        let (actual, expected) = (fixture.states(kernel), fixture.states(.select(for: .scalar)))
        // A NaN's payload may differ, its place may not.
        #expect(zip(actual, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(value), \(scheme)")
        #expect(bits(actual[half...]) == bits(plain.states(kernel)[half...]), "\(value), \(scheme)")
      }
    }
  }

  /// The bound of `AttendPagesKernelTests.bound(headSize:)`. tanh is no steeper than 1, so a cap moves no logit further
  /// than without; the capping itself is off by 4e-6 of the cap, two thousandths of an octave.
  @Test("stays within the bound of its codes", arguments: [nil, 2, 50] as [Double?], [1, 40, 63])
  func bound(cap: Double?, hidden: Int) {
    var random = SeededGenerator(seed: 14)
    let scheme = AttentionScheme(keyBits: 4, valueBits: 4, probabilities: .u8)
    let fixture = AttentionFixture(
      scheme, headSize: 32, pages: 2, rows: 2, logits: LogitRule(scale: 0.25, cap: cap),
      cut: WindowCut(first: hidden, rowsPerToken: 2), random: &random)
    let results = fixture.results(.select(for: .scalar))
    for row in 0..<2 {
      let (exact, spread) = decodedSoftmax(fixture, row: row)
      let moved = exp2(2 * (spread + 0.002)) - 1 + 64.0 / 510
      for c in 0..<32 {
        let error = abs(Double(results[row * fixture.channels + c]) - exact[c])
        #expect(error <= moved / (1 - moved) * 1.05, "row \(row), channel \(c)")
        #expect(error < 0.03)
      }
    }
  }

  @Test("a scale of 1/√headSize that is given equals the one that is not")
  func defaultScale() {
    for headSize in [4, 16, 64, 256] {
      let given = LogitRule(scale: 1 / Double(headSize).squareRoot())
      let (a, b) = (
        AttentionScheme().numbers(headSize: headSize),
        AttentionScheme().numbers(headSize: headSize, logits: given)
      )
      #expect(a.logitScale == b.logitScale && a.logitCap == 0 && b.logitCap == 0)
    }
  }
}
