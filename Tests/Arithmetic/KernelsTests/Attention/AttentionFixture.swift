import Architectures
import Kernels
import ScalarKernels
import TensorCore
import TestSupport

/// A list of sealed random pages and some queries.
struct AttentionFixture {
  let numbers: AttentionNumbers
  let rows: Int
  let queries: [Float]
  let halves: [(keys: [Float16], values: [Float16])]
  let pages: [AlignedStorage]

  init(
    _ scheme: AttentionScheme, headSize: Int, pages count: Int, rows: Int,
    random: inout SeededGenerator, sealedBy kernel: SealPageKernel = .select(for: .scalar)
  ) {
    let numbers = scheme.numbers(headSize: headSize)
    self.numbers = numbers
    self.rows = rows
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
        numbers, PageList(pages: base, count: pages.count), queries: queries,
        rows: rows,
        states: &states, scratch: scratch.baseAddress)
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

/// The bits of floats, so that −0 and NaN count.
func bits(_ values: some Sequence<Float>) -> [UInt32] { values.map(\.bitPattern) }

/// Schemes that reach every branch of the kernels.
let attentionSchemes = [
  AttentionScheme(), AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8),
  AttentionScheme(queryBits: 4, keyBits: 4, valueBits: 8, probabilities: .sqrt2),
  AttentionScheme(keyBits: 8, valueBits: 4, probabilities: .log64),
]

let attentionHeadSizes = [4, 8, 16, 20, 32, 64, 80, 96, 128]
