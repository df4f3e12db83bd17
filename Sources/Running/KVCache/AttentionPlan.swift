import Kernels
import TensorCore

/// How one call of attention is cut into pieces for the threads, in two rounds.
///
/// A sequence that stays within its unfinished page is one piece for each kv-head. Two kinds are cut further:
///
/// * One new token of a long sequence, where a step has too few sequences and kv-heads to keep the threads
///   evenly busy: its spans of sealed pages and its unfinished page first, then their sum.
/// * A chunk over several pages: first its full pages are sealed, then each page's tokens attend.
///
/// The results are the same bits either way, because states merge in the order of the spans. Nothing is
/// allocated once the arrays and the memory have grown to the largest step.
struct AttentionPlan {
  /// A piece of work; `states` counts the states of one token's rows in ``memory``.
  enum Piece {
    case whole(segment: Int, head: Int)
    case spans(segment: Int, head: Int, spans: Range<Int>, states: Int)
    case unfinished(segment: Int, head: Int, states: Int)
    case seal(segment: Int, head: Int, page: Int)
    case sum(segment: Int, head: Int, states: Range<Int>)
    case page(segment: Int, head: Int, page: Int)
  }

  var first: [Piece] = []
  var second: [Piece] = []
  /// Whether the second round only adds states up; the calling thread does that alone, because it takes less
  /// time than waking another thread.
  private(set) var sumsOnly = true
  private var states = 0
  /// What the pieces of the first round leave for the sums.
  private(set) var memory: UnsafeMutablePointer<Float>
  private var storage = AlignedStorage(byteCount: 1)

  init() { memory = storage.pointer(to: Float.self) }

  mutating func plan(
    _ segments: UnsafeBufferPointer<PagedKVCache.Segment>, step: AttentionStep, threads: Int
  ) {
    first.removeAll(keepingCapacity: true)
    second.removeAll(keepingCapacity: true)
    (sumsOnly, states) = (true, 0)
    let heads = step.keyValueHeads
    // With eight pieces for each thread and more, whole sequences keep the threads evenly busy. Splitting one
    // costs a sum.
    let few = threads > 1 && segments.count * heads < 8 * threads
    for (index, segment) in segments.enumerated() {
      if segment.lastPage > segment.firstPage {
        planChunk(index, pages: segment.firstPage...segment.lastPage, full: segment.endsPage, heads: heads)
      } else if few, segment.count == 1, step.visibleSpans(segment).count > 1 {
        planSpans(index, spans: step.visibleSpans(segment), heads: heads, threads: threads)
      } else {
        for head in 0..<heads { first.append(.whole(segment: index, head: head)) }
      }
    }
    let bytes = 4 * states * step.stateCount
    if bytes > storage.bytes.count { grow(to: 2 * bytes) }
  }

  private mutating func grow(to byteCount: Int) {
    storage = AlignedStorage(byteCount: byteCount)
    memory = storage.pointer(to: Float.self)
  }

  /// Tokens of late pages attend to the most pages, so these pieces come first and the threads end together.
  private mutating func planChunk(_ segment: Int, pages: ClosedRange<Int>, full: Bool, heads: Int) {
    sumsOnly = false
    for page in pages.reversed() {
      for head in 0..<heads {
        if page < pages.upperBound || full { first.append(.seal(segment: segment, head: head, page: page)) }
        second.append(.page(segment: segment, head: head, page: page))
      }
    }
  }

  /// About four runs of spans for each thread: a run reads on without a pause, and shorter ones would not end
  /// more evenly. Unfinished pages are the smallest pieces and come last.
  private mutating func planSpans(_ segment: Int, spans: Range<Int>, heads: Int, threads: Int) {
    let count = spans.count
    let run = (heads * count + 4 * threads - 1) / (4 * threads)
    let start = states
    for head in 0..<heads {
      for span in stride(from: spans.lowerBound, to: spans.upperBound, by: run) {
        let end = min(span + run, spans.upperBound)
        first.append(
          .spans(
            segment: segment, head: head, spans: span..<end, states: states + span - spans.lowerBound))
      }
      second.append(.sum(segment: segment, head: head, states: states..<states + count + 1))
      states += count + 1
    }
    for head in 0..<heads {
      first.append(.unfinished(segment: segment, head: head, states: start + head * (count + 1) + count))
    }
  }
}

extension PagedKVCache.Segment {
  /// The page of the first new token, and the sealed pages before it.
  var firstPage: Int { position / PageFormat.tokens }

  /// The page of the last new token.
  var lastPage: Int { (position + count - 1) / PageFormat.tokens }

  /// Whether the last new token fills its page.
  var endsPage: Bool { (position + count) % PageFormat.tokens == 0 }

  /// Spans of the pages that are sealed before the first new token, whether it sees them or not.
  var spans: Int { (firstPage + AttentionRows.pagesPerSpan - 1) / AttentionRows.pagesPerSpan }

  /// The new tokens of a page, counted from the first new one.
  func tokens(ofPage page: Int) -> Range<Int> {
    max(page * PageFormat.tokens - position, 0)..<min((page + 1) * PageFormat.tokens - position, count)
  }
}
