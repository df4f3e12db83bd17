import Architectures
import Kernels
import ScalarKernels
import TensorCore
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A list of sealed random pages and some queries.
struct AttentionFixture {
  let numbers: AttentionNumbers
  let rows: Int
  let queries: [Float]
  /// Where the rows' windows begin in the first page.
  let cut: WindowCut?
  let halves: [(keys: [Float16], values: [Float16])]
  let pages: [AlignedStorage]

  init(
    _ scheme: AttentionScheme, headSize: Int, pages count: Int, rows: Int,
    logits: LogitRule = LogitRule(), cut: WindowCut? = nil, random: inout SeededGenerator,
    sealedBy kernel: SealPageKernel = .select(for: .scalar)
  ) {
    let numbers = scheme.numbers(headSize: headSize, logits: logits)
    self.numbers = numbers
    self.rows = rows
    self.cut = cut
    queries = Self.padded(rows, headSize, random.floats(rows * headSize, in: -2...2)) { $0 }
    halves = (0..<count).map { _ in
      (
        Self.padded(64, headSize, random.floats(64 * headSize, in: -2...2)) { Float16($0) },
        Self.padded(64, headSize, random.floats(64 * headSize)) { Float16($0) }
      )
    }
    pages = halves.map { half in
      let page = AlignedStorage(byteCount: numbers.format.byteCount)
      kernel(
        numbers.format, keys: half.keys, values: half.values,
        page: page.baseAddress)
      return page
    }
  }

  /// Rows of `headSize` values with zeros up to the page's channels.
  static func padded<T: ExpressibleByIntegerLiteral>(
    _ rows: Int, _ headSize: Int, _ values: [Float], _ convert: (Float) -> T
  ) -> [T] {
    let channels = (headSize + 15) & ~15
    return (0..<rows * channels).map {
      $0 % channels < headSize ? convert(values[$0 / channels * headSize + $0 % channels]) : 0
    }
  }

  var channels: Int { numbers.format.channels }

  /// The states of all rows after the kernel saw every page, starting empty.
  func states(_ kernel: AttendPagesKernel) -> [Float] {
    var states = [Float](repeating: 0, count: rows * AttentionState.stride(channels: channels))
    resetStates(&states, rows: rows, channels: channels)
    let scratch = AlignedStorage(byteCount: AttendPagesKernel.scratchByteCount(channels: channels))
    let pointers = pages.map { UnsafeRawPointer($0.baseAddress) }
    pointers.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return }
      kernel(
        numbers, PageList(pages: base, count: pages.count, cut: cut), queries: queries, rows: rows,
        states: &states, scratch: scratch.baseAddress)
    }
    return states
  }

  /// The states of all rows over the first page before it was sealed.
  func tailStates(
    _ kernel: AttendTailKernel, rowsPerToken: Int, firstLimit: Int, window: Int = .max
  ) -> [Float] {
    var states = [Float](repeating: 0, count: rows * AttentionState.stride(channels: channels))
    let scratch = AlignedStorage(byteCount: AttendPagesKernel.scratchByteCount(channels: channels))
    queries.withUnsafeBufferPointer { queries in
      halves[0].keys.withUnsafeBufferPointer { keys in
        halves[0].values.withUnsafeBufferPointer { values in
          let tail = TailRows(
            channels: channels, logitScale: numbers.logitScale, logitCap: numbers.logitCap,
            queries: queries.baseAddress!, rows: rows, rowsPerToken: rowsPerToken, firstLimit: firstLimit,
            window: window, keys: keys.baseAddress!, values: values.baseAddress!)
          kernel(tail, states: &states, scratch: scratch.baseAddress)
        }
      }
    }
    return states
  }

  /// o / l of every row.
  func results(_ kernel: AttendPagesKernel) -> [Float] {
    let states = states(kernel)
    let stride = AttentionState.stride(channels: channels)
    return (0..<rows * channels).map { i in
      let state = i / channels * stride
      return states[state + AttentionState.output + i % channels] / states[state + 1]
    }
  }
}

/// Softmax of a row over the decoded pages in double precision, and the largest error of a base-2 logit from the
/// query's codes.
func decodedSoftmax(_ fixture: AttentionFixture, row: Int) -> ([Double], Double) {
  let (numbers, format) = (fixture.numbers, fixture.numbers.format)
  var (total, sums, spread) = (0.0, [Double](repeating: 0, count: format.channels), 0.0)
  for (index, storage) in fixture.pages.enumerated() {
    let page = UnsafeRawPointer(storage.baseAddress)
    func scale(_ section: Int, _ c: Int) -> Double {
      Double(format.scale(page, section: section, channel: c))
    }
    let folded = (0..<format.channels).map {
      Double(fixture.queries[row * format.channels + $0]) * scale(format.keyScales, $0)
    }
    let half = folded.map { abs($0) }.max()! / 127 / 2
    let hidden = index == 0 ? fixture.cut?.hidden(row) ?? 0 : 0
    for t in hidden..<64 {
      var (logit, codes) = (0.0, 0.0)
      for c in 0..<format.channels {
        let code = Double(format.keyCode(page, token: t, channel: c))
        logit += folded[c] * code
        logit += Double(fixture.queries[row * format.channels + c]) * scale(format.keyOffsets, c)
        codes += code
      }
      spread = max(spread, half * codes * Double(numbers.logitScale))
      logit *= Double(numbers.logitScale)
      let cap = Double(numbers.logitCap)
      if cap > 0 { logit = cap * tanh(logit / cap) }
      let weight = exp2(logit)
      total += weight
      for c in 0..<format.channels {
        let code = Double(format.valueCode(page, token: t, channel: c))
        let step =
          format.scalesTokens
          ? Double(ValueStep.scale(format.tokenStep(page, token: t))) : scale(format.valueScales, c)
        sums[c] += weight * (step * code + scale(format.valueOffsets, format.scalesTokens ? t : c))
      }
    }
  }
  return (sums.map { $0 / total }, spread)
}

/// The bits of floats, so that −0 and NaN count.
func bits(_ values: some Sequence<Float>) -> [UInt32] { values.map(\.bitPattern) }

/// Schemes that reach every branch of the kernels.
let attentionSchemes = [
  AttentionScheme(), AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8),
  AttentionScheme(queryBits: 4, keyBits: 4, valueBits: 8, probabilities: .sqrt2),
  AttentionScheme(keyBits: 8, valueBits: 4, probabilities: .log64),
]

/// Those that only pages have beside them.
let pageSchemes =
  attentionSchemes + [
    AttentionScheme(valueScale: .token, probabilities: .log64),
    AttentionScheme(valueBits: 8, valueScale: .token, probabilities: .log64),
    AttentionScheme(keyBits: 5, valueBits: 3, valueScale: .token, probabilities: .log64),
    AttentionScheme(keyBits: 2, valueBits: 5, valueScale: .token, probabilities: .log64),
    AttentionScheme(keyBits: 3, valueBits: 2, probabilities: .u8),
  ]

let attentionHeadSizes = [4, 8, 16, 20, 32, 64, 80, 96, 128]
