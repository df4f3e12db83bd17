import Architectures
import Kernels
import ScalarKernels
import TensorCore
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Attention to sealed pages")
struct AttendPagesKernelTests {
  @Test("equals the scalar definition", arguments: AttendPagesKernel.runnable, attentionHeadSizes)
  func equalsScalar(kernel: AttendPagesKernel, headSize: Int) {
    var random = SeededGenerator()
    let (all, some) = ([(1, 1), (2, 3), (3, 2), (5, 4), (8, 1), (1, 0)], [(2, 3), (3, 1), (5, 2)])
    for scheme in pageSchemes {
      // Every number of rows in a tile; what only pages have shares the rest with the others.
      for (rows, pages) in attentionSchemes.contains(scheme) ? all : some {
        let fixture = AttentionFixture(
          scheme, headSize: headSize, pages: pages, rows: rows, random: &random)
        let expected = fixture.states(.select(for: .scalar))
        #expect(
          bits(fixture.states(kernel)) == bits(expected), "\(scheme), \(rows) rows, \(pages) pages, \(random)"
        )
      }
    }
  }

  @Test("equals the scalar definition for every number of pages", arguments: AttendPagesKernel.runnable)
  func pageCounts(kernel: AttendPagesKernel) {
    var random = SeededGenerator(seed: 2)
    for pages in 0...20 {
      let fixture = AttentionFixture(
        AttentionScheme(), headSize: 8, pages: pages, rows: 3, random: &random)
      #expect(bits(fixture.states(kernel)) == bits(fixture.states(.select(for: .scalar))), "\(pages) pages")
    }
  }

  @Test("extreme and broken inputs trap nowhere", arguments: AttendPagesKernel.runnable)
  func extremes(kernel: AttendPagesKernel) {
    var random = SeededGenerator(seed: 3)
    for scheme in pageSchemes {
      let plain = AttentionFixture(scheme, headSize: 64, pages: 2, rows: 4, random: &random)
      for value in [Float.nan, .infinity, -.infinity, 1e38, 1e-40, 0] {
        var queries = plain.queries
        for i in 0..<64 { queries[i] = i % 3 == 0 || value == 0 ? value : queries[i] }
        queries[70] = value
        let fixture = AttentionFixture(replacing: queries, in: plain)
        let (actual, expected) = (fixture.states(kernel), fixture.states(.select(for: .scalar)))
        // A NaN's payload may differ, its place may not.
        #expect(zip(actual, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(value), \(scheme)")
      }
    }
  }

  /// Against softmax in double precision over the decoded pages, so that only the query's rounding and the
  /// weights' codes remain: each logit is off by at most half a query code times Σ code, `e = σ·δ/2·Σ code`;
  /// an 8-bit weight by half of 1/255 of its page's largest. With ρ = 2^(2e) − 1 + 64/510 the mean moves by
  /// at most ρ/(1 − ρ)·max|v|.
  @Test("stays within the bound of its codes", arguments: [8, 32, 64])
  func bound(headSize: Int) {
    var random = SeededGenerator(seed: 4)
    let scheme = AttentionScheme(keyBits: 4, valueBits: 4, probabilities: .u8)
    let fixture = AttentionFixture(
      scheme, headSize: headSize, pages: 3, rows: 2, random: &random)
    let results = fixture.results(.select(for: .scalar))
    for row in 0..<2 {
      let (exact, spread) = decodedSoftmax(fixture, row: row)
      let moved = exp2(2 * spread) - 1 + 64.0 / 510
      for c in 0..<headSize {
        let error = abs(Double(results[row * fixture.channels + c]) - exact[c])
        #expect(error <= moved / (1 - moved) * 1.05, "row \(row), channel \(c)")
        #expect(error < 0.02)
      }
    }
  }

  /// With the code rounded once for both, a token's weight and its weight times its scale are off by the same factor of
  /// at most 2^(1/12) and by half of 1/255 of the largest each, so the mean moves by at most
  /// ρ/(1 − ρ)·max|v| with ρ = 2^(2e + 1/6) − 1 + 64/255.
  @Test("stays within the bound of its codes where tokens have scales", arguments: [8, 32, 64])
  func tokenBound(headSize: Int) {
    var random = SeededGenerator(seed: 5)
    let scheme = AttentionScheme(keyBits: 8, valueBits: 8, valueScale: .token, probabilities: .log64)
    let fixture = AttentionFixture(scheme, headSize: headSize, pages: 3, rows: 2, random: &random)
    let results = fixture.results(.select(for: .scalar))
    for row in 0..<2 {
      let (exact, spread) = decodedSoftmax(fixture, row: row)
      let moved = exp2(2 * spread + 1 / 6) - 1 + 64.0 / 255
      for c in 0..<headSize {
        let error = abs(Double(results[row * fixture.channels + c]) - exact[c])
        #expect(error <= moved / (1 - moved) * 1.05, "row \(row), channel \(c)")
        #expect(error < 0.03)
      }
    }
  }

  /// One token has all the weight: its value comes back exactly, whatever the other tokens' scales are.
  @Test("gives a token's own value where it has all the weight")
  func oneToken() {
    let scheme = AttentionScheme(keyBits: 8, valueBits: 8, valueScale: .token, probabilities: .log64)
    let (format, token) = (scheme.pageFormat(headSize: 16), 37)
    var keys = [Float16](repeating: -1, count: 64 * 16)
    var values = [Float16](repeating: 0, count: 64 * 16)
    for i in values.indices { values[i] = Float16(i % 16) * (i / 16 == token ? 0.001 : 1) }
    for c in 0..<16 { keys[token * 16 + c] = 1 }
    let page = SealPageKernelTests.page(.select(for: .scalar), format, keys, values)
    let plain = AttentionFixture(
      scheme, headSize: 16, queries: [Float](repeating: 2, count: 16), halves: [(keys, values)], pages: [page]
    )
    let results = plain.results(.select(for: .scalar))
    let scale = ValueStep.scale(format.tokenStep(page.baseAddress, token: token))
    let offset = format.scale(page.baseAddress, section: format.valueOffsets, channel: token)
    for c in 0..<16 {
      let value = scale * Float(format.valueCode(page.baseAddress, token: token, channel: c)) + offset
      #expect(abs(results[c] - value) < 1e-6 * abs(value) + 1e-9)
      #expect(abs(results[c] - Float(values[token * 16 + c])) < 1e-4)
    }
  }
}

extension AttentionFixture {
  init(replacing queries: [Float], in other: AttentionFixture) {
    (numbers, rows, self.queries) = (other.numbers, other.rows, queries)
    (cut, halves, pages) = (other.cut, other.halves, other.pages)
  }

  /// One row of `headSize` queries, a multiple of 16.
  init(
    _ scheme: AttentionScheme, headSize: Int, queries: [Float],
    halves: [(keys: [Float16], values: [Float16])],
    pages: [AlignedStorage]
  ) {
    (numbers, rows, self.queries) = (scheme.numbers(headSize: headSize), 1, queries)
    (cut, self.halves, self.pages) = (nil, halves, pages)
  }
}

@Suite("Attention to an unfinished page")
struct AttendTailKernelTests {
  @Test("equals the scalar definition", arguments: AttendTailKernel.runnable, attentionHeadSizes)
  func equalsScalar(kernel: AttendTailKernel, headSize: Int) {
    var random = SeededGenerator()
    for (rows, rowsPerToken, firstLimit) in [
      (1, 1, 1), (3, 3, 64), (64, 1, 1), (9, 3, 30), (10, 2, 15), (2, 2, 33), (12, 6, 7), (8, 4, 16),
    ] {
      let fixture = AttentionFixture(
        AttentionScheme(), headSize: headSize, pages: 1, rows: rows, random: &random)
      func states(_ kernel: AttendTailKernel) -> [Float] {
        fixture.tailStates(kernel, rowsPerToken: rowsPerToken, firstLimit: firstLimit)
      }
      #expect(
        bits(states(kernel)) == bits(states(.select(for: .scalar))),
        "\(rows) rows from \(firstLimit), \(random)")
    }
  }
}

@Suite("Merging attention states")
struct MergeStatesKernelTests {
  @Test("equals the scalar definition", arguments: MergeStatesKernel.runnable, attentionHeadSizes)
  func equalsScalar(kernel: MergeStatesKernel, headSize: Int) {
    var random = SeededGenerator()
    let parts = (0..<3).map { _ in
      AttentionFixture(AttentionScheme(), headSize: headSize, pages: 1, rows: 3, random: &random)
    }
    let states = parts.map { $0.states(.select(for: .scalar)) }
    let channels = parts[0].channels
    func merged(_ kernel: MergeStatesKernel) -> [UInt32] {
      var total = states[0]
      var empty = states[0]
      resetStates(&empty, rows: 3, channels: channels)
      for other in [states[1], empty, states[2]] {
        kernel(&total, adding: other, rows: 3, channels: channels)
      }
      var output = [Float](repeating: 0, count: headSize + 1)
      kernel.finish(total, count: headSize, output: &output)
      return bits(total + output)
    }
    #expect(merged(kernel) == merged(.select(for: .scalar)))
  }
}
