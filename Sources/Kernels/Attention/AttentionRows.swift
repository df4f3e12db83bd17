import ScalarKernels
import TensorCore

/// The query rows that share a kv-head, and what they have gathered: the steps of attention for one thread.
///
/// `begin`, `setQuery` for every row, then any of `attendPages`, `attendTail` and `add`, then `finish`.
/// States of spans of pages merge in the order of the calls, so a caller that keeps the order of positions
/// gets the same bits however it cuts its work. Buffers grow to the largest `begin` and stay.
public final class AttentionRows {
  /// Pages of a span: each span starts from an empty state.
  public static let pagesPerSpan = 16

  private let channels: Int
  private let headSize: Int
  private(set) public var rows = 0
  private var capacity = 0
  private var queries = AlignedStorage(byteCount: 0)
  private var totals = AlignedStorage(byteCount: 0)
  private var partials = AlignedStorage(byteCount: 0)
  private let scratch: AlignedStorage
  private let pages: UnsafeMutablePointer<UnsafeRawPointer>
  private let attendKernel: AttendPagesKernel
  private let tailKernel: AttendTailKernel
  private let mergeKernel: MergeStatesKernel

  /// - Parameter set: The instruction set to use; tests compare them.
  public init(headSize: Int, set: InstructionSet = .current) {
    self.headSize = headSize
    channels = PageFormat(headSize: headSize, keyBits: 4, valueBits: 4).channels
    scratch = AlignedStorage(byteCount: AttendPagesKernel.scratchByteCount(channels: channels))
    pages = .allocate(capacity: Self.pagesPerSpan)
    attendKernel = .select(for: set)
    tailKernel = .select(for: set)
    mergeKernel = .select(for: set)
  }

  deinit { pages.deallocate() }

  private var stateStride: Int { AttentionState.stride(channels: channels) }

  /// Floats of all rows' states.
  public var stateCount: Int { rows * stateStride }

  /// Starts over with `rows` rows that have seen nothing.
  public func begin(rows: Int) {
    self.rows = rows
    if rows > capacity {
      capacity = rows
      queries = AlignedStorage(byteCount: 4 * rows * channels)
      totals = AlignedStorage(byteCount: 4 * rows * stateStride)
      partials = AlignedStorage(byteCount: 4 * rows * stateStride)
    }
    resetStates(totals.pointer(to: Float.self), rows: rows, channels: channels)
  }

  /// Copies `headSize` floats as the query of row `row`.
  public func setQuery(_ row: Int, _ source: UnsafePointer<Float>) {
    // Channels beyond the head size stay the zeros that the storage began with.
    (queries.pointer(to: Float.self) + row * channels).update(from: source, count: headSize)
  }

  /// Attends to pages `0..<count`, span by span.
  public func attendPages(
    _ numbers: AttentionNumbers, count: Int, page: (Int) -> UnsafeRawPointer
  ) {
    let partial = partials.pointer(to: Float.self)
    for first in stride(from: 0, to: count, by: Self.pagesPerSpan) {
      let span = first..<min(first + Self.pagesPerSpan, count)
      attendSpan(numbers, span, states: partial, page: page)
      add(partial)
    }
  }

  /// Attends to the pages of one span and writes the states to `states`, for ``add(_:)``.
  ///
  /// - Precondition: `span` starts at a multiple of ``pagesPerSpan`` and has at most that many pages.
  public func attendSpan(
    _ numbers: AttentionNumbers, _ span: Range<Int>, states: UnsafeMutablePointer<Float>,
    page: (Int) -> UnsafeRawPointer
  ) {
    precondition(span.count <= Self.pagesPerSpan, "AttentionRows: a span of \(span.count) pages")
    for index in span { (pages + index - span.lowerBound).initialize(to: page(index)) }
    resetStates(states, rows: rows, channels: channels)
    attendKernel(
      numbers, PageList(pages: pages, count: span.count),
      queries: queries.pointer(to: Float.self), rows: rows, states: states, scratch: scratch.baseAddress)
  }

  /// Attends to the rows' own page; row `r` is of token `r / rowsPerToken`, and the first token sees
  /// `firstLimit` tokens.
  public func attendTail(
    _ numbers: AttentionNumbers, rowsPerToken: Int, firstLimit: Int, keys: UnsafePointer<Float16>,
    values: UnsafePointer<Float16>
  ) {
    let partial = partials.pointer(to: Float.self)
    tailKernel(
      TailRows(
        channels: channels, logitScale: numbers.logitScale, queries: queries.pointer(to: Float.self),
        rows: rows,
        rowsPerToken: rowsPerToken, firstLimit: firstLimit, keys: keys, values: values), states: partial)
    add(partial)
  }

  /// Adds states of all rows over further tokens.
  public func add(_ states: UnsafePointer<Float>) {
    mergeKernel(totals.pointer(to: Float.self), adding: states, rows: rows, channels: channels)
  }

  /// Writes `headSize` floats: the result of row `row`.
  public func finish(_ row: Int, output: UnsafeMutablePointer<Float>) {
    mergeKernel.finish(totals.pointer(to: Float.self) + row * stateStride, count: headSize, output: output)
  }
}
