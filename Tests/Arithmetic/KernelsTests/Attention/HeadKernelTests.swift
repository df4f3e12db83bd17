import Architectures
import FloatKernels
import Kernels
import TensorCore
import TestSupport
import Testing

/// Attention within an image: one head, its rows apart as in the output of a joined projection.
struct HeadFixture {
  let numbers: AttentionNumbers
  let format: HeadFormat
  let q, k, v: [Float]
  let stride: Int

  init(_ scheme: AttentionScheme, headSize: Int, tokens: Int, _ values: (_ count: Int) -> [Float]) {
    numbers = scheme.numbers(headSize: headSize)
    format = scheme.headFormat(headSize: headSize, tokens: tokens)
    stride = headSize + 3
    // The last row ends with its head.
    let count = tokens * stride - 3
    (q, k, v) = (values(count), values(count), values(count))
  }

  /// Codes by the kernels of `set`, with ranges of blocks and codes of tokens that end at `cuts`.
  func prepared(_ set: InstructionSet, cuts: [Int] = []) -> AlignedStorage {
    let head = AlignedStorage(byteCount: format.byteCount)
    let (keys, values) = (GuardedBuffer(k), GuardedBuffer(v))
    let ends = cuts + [format.tokens]
    let ranges = AlignedStorage(byteCount: 4 * ends.count * format.rangeCount)
    let floats = ranges.pointer(to: Float.self)
    for (block, (first, end)) in zip([0] + cuts, ends).enumerated() {
      MeasureHeadKernel.select(for: set)(
        format,
        KeyValueRows(keys: keys.base + first * stride, values: values.base + first * stride, stride: stride),
        count: end - first, into: floats + block * format.rangeCount)
    }
    let lines = cuts.map { ($0 + 8) / 16 * 16 }
    for (first, end) in zip([0] + lines, lines + [format.tokens]) {
      PrepareHeadKernel.select(for: set)(
        format, KeyValueRows(keys: keys.base, values: values.base, stride: stride), tokens: first..<end,
        HeadRanges(base: floats, shares: ends.count, stride: format.rangeCount), head: head.baseAddress)
    }
    return head
  }

  /// Results of `rows`, which start where a guarded buffer makes them; gaps keep what was there.
  func attended(_ kernel: AttendHeadKernel, _ head: AlignedStorage, rows: Range<Int>) -> [Float] {
    let (queries, scratch) = (GuardedBuffer(q), AlignedStorage(byteCount: format.scratchByteCount))
    let output = GuardedBuffer([Float](repeating: 7, count: rows.count * stride - 3))
    kernel(
      numbers, format, head.baseAddress,
      HeadRows(
        queries: queries.base + rows.lowerBound * stride, queryStride: stride, count: rows.count,
        output: output.base, outputStride: stride), scratch: scratch.baseAddress)
    return output.elements
  }
}

@Suite("Attention within an image")
struct HeadKernelTests {
  private static let tokenCounts = [1, 2, 3, 4, 5, 15, 16, 17, 33, 63, 64, 65, 70, 130, 197]

  @Test("codes of K and V equal the definition's", arguments: InstructionSet.runnable, attentionHeadSizes)
  func prepare(set: InstructionSet, headSize: Int) {
    var random = SeededGenerator()
    for scheme in attentionSchemes {
      for tokens in Self.tokenCounts {
        let plain = HeadFixture(scheme, headSize: headSize, tokens: tokens) { random.floats($0, in: -2...2) }
        #expect(bytes(plain.prepared(set)) == bytes(plain.prepared(.scalar)), "\(tokens) tokens")
      }
    }
  }

  @Test("codes do not depend on the blocks of rows", arguments: InstructionSet.runnable, [20, 64])
  func blocks(set: InstructionSet, headSize: Int) {
    var random = SeededGenerator(seed: 6)
    for scheme in attentionSchemes {
      let whole = HeadFixture(scheme, headSize: headSize, tokens: 197) { random.floats($0, in: -2...2) }
      let expected = bytes(whole.prepared(.scalar))
      for cuts in [[98], [24], [65, 131], [49, 98, 147]] {
        #expect(bytes(whole.prepared(set, cuts: cuts)) == expected, "\(scheme), blocks end at \(cuts)")
      }
    }
  }

  @Test("results equal the definition's", arguments: AttendHeadKernel.runnable, attentionHeadSizes)
  func attend(kernel: AttendHeadKernel, headSize: Int) {
    var random = SeededGenerator(seed: 2)
    for scheme in attentionSchemes {
      for tokens in Self.tokenCounts {
        let fixture = HeadFixture(scheme, headSize: headSize, tokens: tokens) {
          random.floats($0, in: -2...2)
        }
        let head = fixture.prepared(.scalar)
        for rows in [0..<1, tokens / 2..<tokens, 0..<min(tokens, 6)] {
          let expected = fixture.attended(.select(for: .scalar), head, rows: rows)
          #expect(
            bits(fixture.attended(kernel, head, rows: rows)) == bits(expected),
            "\(scheme), \(rows) of \(tokens)")
        }
      }
    }
  }

  @Test("many tokens and the widest heads equal the definition's", arguments: AttendHeadKernel.runnable)
  func large(kernel: AttendHeadKernel) {
    var random = SeededGenerator(seed: 3)
    for (headSize, tokens) in [(64, 577), (64, 600), (512, 70)] {
      for scheme in attentionSchemes {
        let fixture = HeadFixture(scheme, headSize: headSize, tokens: tokens) {
          random.floats($0, in: -1...3)
        }
        let head = fixture.prepared(.scalar)
        let expected = fixture.attended(.select(for: .scalar), head, rows: 0..<5)
        #expect(
          bits(fixture.attended(kernel, head, rows: 0..<5)) == bits(expected), "\(scheme), \(tokens) tokens")
      }
    }
  }

  @Test("hostile floats trap nowhere and differ nowhere", arguments: InstructionSet.runnable)
  func hostile(set: InstructionSet) {
    var random = SeededGenerator(seed: 4)
    for scheme in attentionSchemes {
      for headSize in [20, 64] {
        for values in random.floatCases(40 * 67) + [[Float](repeating: 0, count: 40 * 67)] {
          let fixture = HeadFixture(scheme, headSize: headSize, tokens: 37) { Array(values[..<$0]) }
          let (actual, expected) = (
            fixture.prepared(set), fixture.prepared(.scalar)
          )
          #expect(codes(actual, fixture.format) == codes(expected, fixture.format))
          let results = fixture.attended(.select(for: set), expected, rows: 0..<37)
          let reference = fixture.attended(.select(for: .scalar), expected, rows: 0..<37)
          #expect(firstDifference(results, reference) == nil, "\(scheme), head size \(headSize)")
        }
      }
    }
  }

  /// All weights 255 and all codes at their limits: the sums that the format's preconditions bound.
  @Test("sums do not overflow", arguments: AttendHeadKernel.runnable)
  func extremes(kernel: AttendHeadKernel) {
    let scheme = AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8)
    let fixture = HeadFixture(scheme, headSize: 4, tokens: 65_536) { count in
      (0..<count).map { $0 < count - 7 ? -1 : 1 }
    }
    let head = fixture.prepared(.current)
    let expected = fixture.attended(.select(for: .scalar), head, rows: 0..<1)
    #expect(bits(fixture.attended(kernel, head, rows: 0..<1)) == bits(expected))
    #expect(expected.allSatisfy { abs($0 + 1) < 1e-3 })
  }

  /// Inputs are within ±1, so scales of K and V are at most s = 2/255. A base-2 logit is off by at most e = 1.5·σ·d·s:
  /// half a step of K in each of d channels, and half a step of the query, s/127, times a code of at most 255. A weight
  /// moves by at most 2^e, its share by the square of that, and it is rounded by half of 255, the largest weight. With
  /// ρ = 2^(2e) − 1 + n/510 for n tokens the mean of V moves by at most 2ρ, and V itself by s/2.
  @Test("stays within the bound of its codes", arguments: [8, 16, 32])
  func bound(headSize: Int) {
    var random = SeededGenerator(seed: 5)
    let scheme = AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8)
    let tokens = 50
    let fixture = HeadFixture(scheme, headSize: headSize, tokens: tokens) { random.floats($0) }
    let results = fixture.attended(
      .select(for: .scalar), fixture.prepared(.scalar), rows: 0..<tokens)
    var exact = [Float](repeating: 0, count: tokens * fixture.stride)
    let float = FloatAttention(
      rows: tokens, tokens: tokens, dimension: headSize, queryStride: fixture.stride,
      keyStride: fixture.stride, outputStride: fixture.stride)
    float(queries: fixture.q, keys: fixture.k, values: fixture.v, output: &exact)
    let scale = 2.0 / 255
    let spread = 1.5 * Double(fixture.numbers.logitScale) * Double(headSize) * scale
    let bound = 2 * (exp2Double(2 * spread) - 1 + Double(tokens) / 510) + scale / 2
    for row in 0..<tokens {
      for c in 0..<headSize {
        let error = abs(Double(results[row * fixture.stride + c] - exact[row * fixture.stride + c]))
        #expect(error <= bound && error < 0.02, "row \(row), channel \(c)")
      }
    }
  }
}

private func bytes(_ storage: AlignedStorage) -> [UInt8] { Array(storage.bytes) }

/// The codes alone: a scale may be NaN, and then of any payload.
private func codes(_ storage: AlignedStorage, _ format: HeadFormat) -> [UInt8] {
  Array(storage.bytes[..<format.keyScales])
}
