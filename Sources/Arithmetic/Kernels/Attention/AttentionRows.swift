import ScalarKernels
import TensorCore

/// The query rows that share a kv-head, and the states that they have reached: the steps of attention for one
/// thread.
///
/// Call `begin`, `setQuery` for every row, then any of `attendPages`, `attendTail` and `add`, then `finish`.
/// States of spans of pages merge in the order of the calls, so a caller that keeps the order of positions gets
/// the same bits however it cuts its work. Buffers grow to the largest `begin` and stay.
package final class AttentionRows {
  /// Pages of a span. Each span starts from an empty state, so this number is part of the arithmetic
  /// (<doc:Numerics>).
  package static let pagesPerSpan = 16
  /// Pages behind a span that kernels may fetch while they work on it: those of one tile of four.
  package static let pagesAhead = 4

  private let channels: Int
  private let headSize: Int
  // Only one thread uses these, so often that checks of exclusive access took 3 % of a step of sixteen
  // sequences.
  @exclusivity(unchecked)
  package private(set) var rows = 0
  @exclusivity(unchecked)
  private var window: RowWindow?
  @exclusivity(unchecked)
  private var memory: RowMemory
  private let scratch: UnsafeMutableRawPointer
  private let scratchStorage: AlignedStorage
  private let pages: UnsafeMutablePointer<UnsafeRawPointer>
  private let attendKernel: AttendPagesKernel
  private let tailKernel: AttendTailKernel
  private let mergeKernel: MergeStatesKernel

  /// - Parameter set: The instruction set to use; tests compare them.
  package init(headSize: Int, set: InstructionSet = .current) {
    self.headSize = headSize
    channels = PageFormat(headSize: headSize, keyBits: 4, valueBits: 4).channels
    memory = RowMemory(rows: 1, channels: channels)
    scratchStorage = AlignedStorage(byteCount: AttendPagesKernel.scratchByteCount(channels: channels))
    scratch = scratchStorage.baseAddress
    pages = .allocate(capacity: Self.pagesPerSpan + Self.pagesAhead)
    attendKernel = .select(for: set)
    tailKernel = .select(for: set)
    mergeKernel = .select(for: set)
  }

  deinit { pages.deallocate() }

  private var stateStride: Int { AttentionState.stride(channels: channels) }

  /// Floats of all rows' states.
  package var stateCount: Int { rows * stateStride }

  /// Starts over with `rows` rows that have attended to nothing.
  ///
  /// - Parameter window: What the rows see of pages that begin at position 0; nil for all of them.
  package func begin(rows: Int, window: RowWindow? = nil) {
    self.rows = rows
    self.window = window
    if rows > memory.rows { memory = RowMemory(rows: rows, channels: channels) }
    resetStates(memory.totals, rows: rows, channels: channels)
  }

  /// Copies `headSize` floats as the query of row `row`.
  package func setQuery(_ row: Int, _ source: UnsafePointer<Float>) {
    // Channels beyond the head size stay the zeros that the storage began with.
    (memory.queries + row * channels).update(from: source, count: headSize)
  }

  /// Attends to pages `0..<count`, span by span, but for those that all rows' windows have left behind.
  ///
  /// - Parameters:
  ///   - following: How many pages behind the last one some caller reads next, so that kernels fetch them.
  ///   - page: Where a page lies, one of `0 ..< count + following`.
  package func attendPages(
    _ numbers: AttentionNumbers, count: Int, following: Int = 0, page: (Int) -> UnsafeRawPointer
  ) {
    let partial = memory.partials
    let spans = (count + Self.pagesPerSpan - 1) / Self.pagesPerSpan
    for span in min(firstPage / Self.pagesPerSpan, spans)..<spans {
      attendSpan(numbers, span, of: count, following: following, states: partial, page: page)
      add(partial)
    }
  }

  /// Attends to the pages of one span of pages `0..<count` and writes the states to `states`, for ``add(_:)``.
  package func attendSpan(
    _ numbers: AttentionNumbers, _ span: Int, of count: Int, following: Int = 0,
    states: UnsafeMutablePointer<Float>, page: (Int) -> UnsafeRawPointer
  ) {
    let end = min((span + 1) * Self.pagesPerSpan, count)
    let first = min(max(span * Self.pagesPerSpan, firstPage), end)
    let ahead = min(end + Self.pagesAhead, count + following)
    for index in first..<ahead { (pages + index - first).initialize(to: page(index)) }
    resetStates(states, rows: rows, channels: channels)
    guard let window else {
      let list = PageList(pages: pages, count: end - first, following: ahead - end)
      return attend(numbers, list, rows: 0..<rows, states: states)
    }
    attend(numbers, window, pages: first..<end, following: ahead - end, states: states)
  }

  /// Attends to some pages, of which rows with later windows see fewer: the rows whose windows begin in the same page,
  /// or before all, see the same list.
  private func attend(
    _ numbers: AttentionNumbers, _ window: RowWindow, pages range: Range<Int>, following: Int,
    states: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row < rows {
      let page = max(window.firstPage(row), range.lowerBound)
      if page >= range.upperBound { return }
      let same = row..<min(window.firstRow(behind: page), rows)
      let list = PageList(
        pages: pages + page - range.lowerBound, count: range.upperBound - page, following: following,
        cut: window.cut(of: page, rows: same))
      attend(numbers, list, rows: same, states: states)
      row = same.upperBound
    }
  }

  private func attend(
    _ numbers: AttentionNumbers, _ list: PageList, rows: Range<Int>, states: UnsafeMutablePointer<Float>
  ) {
    attendKernel(
      numbers, list, queries: memory.queries + rows.lowerBound * channels, rows: rows.count,
      states: states + rows.lowerBound * stateStride, scratch: scratch)
  }

  /// The first page that any row sees.
  private var firstPage: Int { window?.firstPage(0) ?? 0 }

  /// Attends to the rows' own page. Row `r` belongs to token `r / rowsPerToken`, and the first token is the page's
  /// number `firstLimit`, counted from 1.
  ///
  /// - Parameters:
  ///   - following: Bytes from K and V to those that some caller reads next, so that kernels fetch them; 0 for
  ///     none.
  ///   - states: Where to write the states, for ``add(_:)``; nil adds them.
  package func attendTail(
    _ numbers: AttentionNumbers, rowsPerToken: Int, firstLimit: Int, keys: UnsafePointer<Float16>,
    values: UnsafePointer<Float16>, following: Int = 0, states: UnsafeMutablePointer<Float>? = nil
  ) {
    let partial = memory.partials
    tailKernel(
      TailRows(
        channels: channels, logitScale: numbers.logitScale, logitCap: numbers.logitCap,
        queries: memory.queries, rows: rows, rowsPerToken: rowsPerToken, firstLimit: firstLimit,
        window: window?.size ?? .max, keys: keys, values: values, following: following),
      states: states ?? partial, scratch: scratch)
    if states == nil { add(partial) }
  }

  /// Adds states of all rows over further tokens.
  package func add(_ states: UnsafePointer<Float>) {
    mergeKernel(memory.totals, adding: states, rows: rows, channels: channels)
  }

  /// Writes `headSize` floats: the result of row `row`.
  package func finish(_ row: Int, output: UnsafeMutablePointer<Float>) {
    mergeKernel.finish(memory.totals + row * stateStride, count: headSize, output: output)
  }
}

/// The memory that a number of rows needs.
private struct RowMemory {
  let rows: Int
  /// `[rows][channels]`.
  let queries: UnsafeMutablePointer<Float>
  /// States of all rows: over everything, and over a span.
  let totals: UnsafeMutablePointer<Float>
  let partials: UnsafeMutablePointer<Float>
  private let storage: [AlignedStorage]

  init(rows: Int, channels: Int) {
    let stride = AttentionState.stride(channels: channels)
    storage = [channels, stride, stride].map { AlignedStorage(byteCount: 4 * rows * $0) }
    self.rows = rows
    queries = storage[0].pointer(to: Float.self)
    totals = storage[1].pointer(to: Float.self)
    partials = storage[2].pointer(to: Float.self)
  }
}
