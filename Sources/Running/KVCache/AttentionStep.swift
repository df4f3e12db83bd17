import KVBlocks
import Kernels

/// One layer's call of ``PagedKVCache/attend(layer:segments:q:k:v:stride:out:heads:pool:)``, which runs the
/// pieces of a ``AttentionPlan``.
struct AttentionStep {
  typealias Segment = PagedKVCache.Segment

  /// One head of a segment.
  private struct Place {
    let segment: Segment
    let head: Int
  }

  private let memory: LayerMemory
  private let numbers: AttentionNumbers
  /// How many of the newest tokens a token sees; `Int.max` for all.
  private let window: Int
  private let sealKernel: SealPageKernel
  private let segments: UnsafeBufferPointer<Segment>
  /// Query heads of one kv-head.
  private let group: Int
  let keyValueHeads: Int
  private let q: UnsafePointer<Float>
  private let k: UnsafePointer<Float>
  private let v: UnsafePointer<Float>
  private let stride: Int?
  private let out: UnsafeMutablePointer<Float>

  init(
    memory: LayerMemory, numbers: AttentionNumbers, window: Int, segments: UnsafeBufferPointer<Segment>,
    heads: Int, keyValueHeads: Int, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int?, out: UnsafeMutablePointer<Float>, sealKernel: SealPageKernel
  ) {
    self.memory = memory
    self.numbers = numbers
    self.window = window
    self.sealKernel = sealKernel
    self.segments = segments
    self.keyValueHeads = keyValueHeads
    self.group = heads / keyValueHeads
    (self.q, self.k, self.v, self.stride, self.out) = (q, k, v, stride, out)
  }

  private var format: PageFormat { numbers.format }

  /// Floats of the states of one token's rows.
  var stateCount: Int { group * AttentionState.stride(channels: format.channels) }

  /// - Parameter states: The plan's memory.
  func run(
    _ piece: AttentionPlan.Piece, _ worker: AttentionWorker, states memory: UnsafeMutablePointer<Float>
  ) {
    switch piece {
    case .whole(let segment, let head):
      appendWhole(segments[segment], head: head, worker, next: place(after: segment, head))
    case .spans(let segment, let head, let spans, let states):
      attendSpans(segments[segment], head: head, spans, worker.rows, states: memory + states * stateCount)
    case .unfinished(let segment, let head, let states):
      appendOne(segments[segment], head: head, worker.rows, states: memory + states * stateCount)
    case .seal(let segment, let head, let page):
      sealPage(segments[segment], head: head, page: page, worker)
    case .sum(let segment, let head, let states):
      worker.rows.begin(rows: group)
      for index in states { worker.rows.add(memory + index * stateCount) }
      finish(worker.rows, row: segments[segment].row, tokens: 1, head: head)
    case .page(let segment, let head, let page):
      attendPage(segments[segment], head: head, page: page, worker)
    }
  }

  /// The head that a thread most often attends after this one, since a thread's share of the pieces is
  /// contiguous.
  private func place(after segment: Int, _ head: Int) -> Place? {
    if head + 1 < keyValueHeads { return Place(segment: segments[segment], head: head + 1) }
    return segment + 1 < segments.count ? Place(segment: segments[segment + 1], head: 0) : nil
  }

  /// Appends tokens that stay within the unfinished page, and attends.
  private func appendWhole(_ segment: Segment, head: Int, _ worker: AttentionWorker, next: Place?) {
    let tail = memory.tail(slot: segment.slot, head: head)
    store(segment, 0..<segment.count, head: head, to: tail)
    attend(segment, 0..<segment.count, head: head, worker.rows, tail: tail, next: next)
    if segment.endsPage { seal(segment, page: segment.lastPage, head: head, from: tail) }
  }

  /// Attends one token to some spans of its sealed pages.
  private func attendSpans(
    _ segment: Segment, head: Int, _ spans: Range<Int>, _ rows: AttentionRows,
    states: UnsafeMutablePointer<Float>
  ) {
    begin(rows, segment, 0..<1, head: head)
    let end = min(spans.upperBound * AttentionRows.pagesPerSpan, segment.firstPage)
    for (index, span) in spans.enumerated() {
      rows.attendSpan(numbers, span, of: end, states: states + index * stateCount) {
        page(segment, $0, head: head)
      }
    }
  }

  /// Appends one token and attends to its unfinished page alone.
  private func appendOne(
    _ segment: Segment, head: Int, _ rows: AttentionRows, states: UnsafeMutablePointer<Float>
  ) {
    let tail = memory.tail(slot: segment.slot, head: head)
    store(segment, 0..<1, head: head, to: tail)
    begin(rows, segment, 0..<1, head: head)
    attendTail(segment, 0..<1, rows, tail: tail, states: states, next: nil)
    if segment.endsPage { seal(segment, page: segment.lastPage, head: head, from: tail) }
  }

  /// Seals a full page of a chunk. Only the first one may have older tokens, in the cache's own tail.
  private func sealPage(_ segment: Segment, head: Int, page: Int, _ worker: AttentionWorker) {
    let isFirst = page == segment.firstPage
    let tail = isFirst ? memory.tail(slot: segment.slot, head: head) : worker.tail
    store(segment, segment.tokens(ofPage: page), head: head, to: tail)
    seal(segment, page: page, head: head, from: tail)
  }

  /// Attends a chunk's tokens of one page, after all full pages have been sealed.
  private func attendPage(_ segment: Segment, head: Int, page: Int, _ worker: AttentionWorker) {
    let cached = memory.tail(slot: segment.slot, head: head)
    let tokens = segment.tokens(ofPage: page)
    if page > segment.firstPage {
      store(segment, tokens, head: head, to: worker.tail)
      return attend(segment, tokens, head: head, worker.rows, tail: worker.tail)
    }
    attend(segment, tokens, head: head, worker.rows, tail: cached)
    // Nobody else reads the cache's tail in this round, so the page that the chunk leaves unfinished can move in.
    if !segment.endsPage { store(segment, segment.tokens(ofPage: segment.lastPage), head: head, to: cached) }
  }

  /// Attends tokens of one page to all pages before it and to their own.
  ///
  /// - Parameter next: The head whose pages and tail to fetch meanwhile; nil for none. A short sequence is
  ///   attended before its own reading is under way, so it must have been fetched before.
  private func attend(
    _ segment: Segment, _ tokens: Range<Int>, head: Int, _ rows: AttentionRows,
    tail: UnsafeMutablePointer<Float16>, next: Place? = nil
  ) {
    begin(rows, segment, tokens, head: head)
    let sealed = (segment.position + tokens.lowerBound) / PageFormat.tokens
    let nextFirst = next.map { firstVisiblePage($0.segment) } ?? 0
    let following = next.map { min($0.segment.firstPage - nextFirst, AttentionRows.pagesAhead) } ?? 0
    rows.attendPages(numbers, count: sealed, following: following) { index in
      guard let next, index >= sealed else { return page(segment, index, head: head) }
      return page(next.segment, nextFirst + index - sealed, head: next.head)
    }
    attendTail(segment, tokens, rows, tail: tail, states: nil, next: next)
    finish(rows, row: segment.row + tokens.lowerBound, tokens: tokens.count, head: head)
  }

  private func attendTail(
    _ segment: Segment, _ tokens: Range<Int>, _ rows: AttentionRows, tail: UnsafeMutablePointer<Float16>,
    states: UnsafeMutablePointer<Float>?, next: Place?
  ) {
    let following = next.map { memory.tail(slot: $0.segment.slot, head: $0.head) }
    let used = (segment.position + tokens.lowerBound) % PageFormat.tokens
    rows.attendTail(
      numbers, rowsPerToken: group, firstLimit: used + 1, keys: tail,
      values: tail + PageFormat.tokens * format.channels,
      following: following.map { UnsafeRawPointer($0) - UnsafeRawPointer(tail) } ?? 0, states: states)
  }

  private func page(_ segment: Segment, _ index: Int, head: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(memory.page(segment.blockTable[index], head: head))
  }

  private func seal(_ segment: Segment, page: Int, head: Int, from tail: UnsafeMutablePointer<Float16>) {
    sealKernel(
      format, keys: tail, values: tail + PageFormat.tokens * format.channels,
      page: memory.page(segment.blockTable[page], head: head))
  }

  /// Rounds K and V of new tokens of one page to float16, in their places of that page.
  private func store(
    _ segment: Segment, _ tokens: Range<Int>, head: Int, to tail: UnsafeMutablePointer<Float16>
  ) {
    let stride = stride ?? keyValueHeads * format.headSize
    let source = (segment.row + tokens.lowerBound) * stride + head * format.headSize
    let target = tail + (segment.position + tokens.lowerBound) % PageFormat.tokens * format.channels
    sealKernel.storeHalf(format, source: k + source, stride: stride, rows: tokens.count, target: target)
    sealKernel.storeHalf(
      format, source: v + source, stride: stride, rows: tokens.count,
      target: target + PageFormat.tokens * format.channels)
  }

  /// The first page that a segment's first new token sees; that token's own where it sees none that is sealed.
  private func firstVisiblePage(_ segment: Segment) -> Int {
    max(0, segment.position - window + 1) / PageFormat.tokens
  }

  /// Spans of the sealed pages that a segment's first new token sees.
  func visibleSpans(_ segment: Segment) -> Range<Int> {
    min(firstVisiblePage(segment) / AttentionRows.pagesPerSpan, segment.spans)..<segment.spans
  }

  /// Loads the queries of some new tokens: the rows of a token's heads that share kv-head `head` lie together.
  private func begin(_ rows: AttentionRows, _ segment: Segment, _ tokens: Range<Int>, head: Int) {
    let (row, count) = (segment.row + tokens.lowerBound, tokens.count * group)
    rows.begin(
      rows: count,
      window: RowWindow(
        size: window, position: segment.position + tokens.lowerBound, rows: count, rowsPerToken: group))
    for index in 0..<count {
      rows.setQuery(index, q + offset(row: row, index: index, head: head, stride: stride))
    }
  }

  private func finish(_ rows: AttentionRows, row: Int, tokens: Int, head: Int) {
    for index in 0..<tokens * group {
      rows.finish(index, output: out + offset(row: row, index: index, head: head, stride: nil))
    }
  }

  /// Where row `index` of the rows that share `head` lies in q or out.
  private func offset(row: Int, index: Int, head: Int, stride: Int?) -> Int {
    let (token, member) = index.quotientAndRemainder(dividingBy: group)
    let width = stride ?? keyValueHeads * group * format.headSize
    return (row + token) * width + (head * group + member) * format.headSize
  }
}
