import KVBlocks
import Kernels

/// One layer's call of ``PagedKVCache/attend(layer:segments:q:k:v:stride:out:heads:pool:)``: what a worker
/// does for one sequence and kv-head.
struct AttentionStep {
  typealias Segment = PagedKVCache.Segment

  // The call holds it; no reference counting on worker threads.
  private unowned(unsafe) let cache: PagedKVCache
  private let layer: Int
  private let numbers: AttentionNumbers
  private let sealKernel: SealPageKernel
  /// Query heads of one kv-head.
  let group: Int
  let keyValueHeads: Int
  private let q: UnsafePointer<Float>
  private let k: UnsafePointer<Float>
  private let v: UnsafePointer<Float>
  private let stride: Int?
  private let out: UnsafeMutablePointer<Float>

  init(
    cache: PagedKVCache, layer: Int, heads: Int, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int?, out: UnsafeMutablePointer<Float>, set: InstructionSet
  ) {
    self.cache = cache
    self.layer = layer
    self.numbers = cache.numbers[layer]
    self.sealKernel = .select(for: set)
    self.keyValueHeads = cache.shape.keyValueHeads
    self.group = heads / keyValueHeads
    (self.q, self.k, self.v, self.stride, self.out) = (q, k, v, stride, out)
  }

  private var format: PageFormat { numbers.format }

  /// Floats of the states of one token's rows.
  var stateCount: Int { group * AttentionState.stride(channels: format.channels) }

  /// Attends the first new token of `segment` to one span of its sealed pages.
  func attendSpan(
    _ segment: Segment, head: Int, span: Int, rows: AttentionRows, states: UnsafeMutablePointer<Float>
  ) {
    begin(rows, row: segment.row, tokens: 1, head: head)
    let first = span * AttentionRows.pagesPerSpan
    let pages = first..<min(first + AttentionRows.pagesPerSpan, segment.position / PageFormat.tokens)
    rows.attendSpan(numbers, pages, states: states) { page(segment, $0, head: head) }
  }

  /// Appends the tokens of `segment`, attends and seals, page by page.
  ///
  /// - Parameter spanStates: The states of all spans of sealed pages, where they are known already; only for
  ///   segments of one token.
  func append(_ segment: Segment, head: Int, rows: AttentionRows, spanStates: UnsafePointer<Float>?) {
    var done = 0
    while done < segment.count {
      let (index, used) = (segment.position + done).quotientAndRemainder(dividingBy: PageFormat.tokens)
      let count = min(PageFormat.tokens - used, segment.count - done)
      let row = segment.row + done
      let tail = tail(segment, head: head)
      store(k, row: row, count: count, head: head, to: tail.keys + used * format.channels)
      store(v, row: row, count: count, head: head, to: tail.values + used * format.channels)

      begin(rows, row: row, tokens: count, head: head)
      if let spanStates {
        for span in 0..<spanCount(segment) { rows.add(spanStates + span * stateCount) }
      } else {
        rows.attendPages(numbers, count: index) { page(segment, $0, head: head) }
      }
      rows.attendTail(
        numbers, rowsPerToken: group, firstLimit: used + 1, keys: tail.keys, values: tail.values)
      finish(rows, row: row, tokens: count, head: head)

      if used + count == PageFormat.tokens {
        let page = cache.page(layer: layer, block: segment.blockTable[index], head: head)
        sealKernel(format, keys: tail.keys, values: tail.values, page: page)
      }
      done += count
    }
  }

  /// Spans of the pages that are sealed before the segment's first token.
  func spanCount(_ segment: Segment) -> Int {
    let pages = segment.position / PageFormat.tokens
    return (pages + AttentionRows.pagesPerSpan - 1) / AttentionRows.pagesPerSpan
  }

  private func page(_ segment: Segment, _ index: Int, head: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(cache.page(layer: layer, block: segment.blockTable[index], head: head))
  }

  private func tail(
    _ segment: Segment, head: Int
  ) -> (keys: UnsafeMutablePointer<Float16>, values: UnsafeMutablePointer<Float16>) {
    let keys = cache.tail(layer: layer, slot: segment.slot, head: head)
    return (keys, keys + PageFormat.tokens * format.channels)
  }

  private func store(
    _ source: UnsafePointer<Float>, row: Int, count: Int, head: Int, to target: UnsafeMutablePointer<Float16>
  ) {
    let stride = stride ?? keyValueHeads * format.headSize
    sealKernel.storeHalf(
      format, source: source + row * stride + head * format.headSize, stride: stride, rows: count,
      target: target)
  }

  /// Loads the queries of `tokens` tokens: the rows of a token's heads that share kv-head `head` lie
  /// together.
  private func begin(_ rows: AttentionRows, row: Int, tokens: Int, head: Int) {
    rows.begin(rows: tokens * group)
    for index in 0..<tokens * group {
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
