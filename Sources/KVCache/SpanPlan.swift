import Kernels
import TensorCore

/// Which spans of sealed pages a step computes as work of their own, and the memory for their states.
///
/// Only where a step has fewer sequences and kv-heads than would keep the threads evenly busy, and only for
/// sequences that append one token. The result is the same either way, because states merge in the order of
/// the spans.
struct SpanPlan {
  /// A segment's spans: items `firstItem ..< firstItem + kvHeads · spans`, head by head.
  private struct Part {
    let segment: Int
    let spans: Int
    let firstItem: Int
  }

  private var parts: [Part] = []
  /// For each segment its part, or −1.
  private var partOfSegment: [Int] = []
  private var keyValueHeads = 1
  private var stateCount = 0
  private var storage = AlignedStorage(byteCount: 0)
  /// Pieces of work.
  private(set) var items = 0

  mutating func plan(
    _ segments: UnsafeBufferPointer<PagedKVCache.Segment>, step: AttentionStep, threads: Int
  ) {
    parts.removeAll(keepingCapacity: true)
    partOfSegment.removeAll(keepingCapacity: true)
    items = 0
    keyValueHeads = step.keyValueHeads
    stateCount = step.stateCount
    let enough = threads == 1 || segments.count * keyValueHeads >= 8 * threads
    for (index, segment) in segments.enumerated() {
      let spans = step.spanCount(segment)
      let splits = !enough && segment.count == 1 && spans > 1
      partOfSegment.append(splits ? parts.count : -1)
      if splits {
        parts.append(Part(segment: index, spans: spans, firstItem: items))
        items += keyValueHeads * spans
      }
    }
    let bytes = 4 * items * stateCount
    if bytes > storage.bytes.count { storage = AlignedStorage(byteCount: 2 * bytes) }
  }

  /// The segment, kv-head and span of piece `item`.
  func item(_ item: Int) -> (segment: Int, head: Int, span: Int) {
    let part = parts[parts.lastIndex { $0.firstItem <= item }!]
    let (head, span) = (item - part.firstItem).quotientAndRemainder(dividingBy: part.spans)
    return (part.segment, head, span)
  }

  /// Where the states of piece `item` go.
  func states(ofItem item: Int) -> UnsafeMutablePointer<Float> {
    storage.pointer(to: Float.self) + item * stateCount
  }

  /// The states of all spans of a segment and kv-head, one after the other; nil where they are not computed
  /// apart.
  func states(segment: Int, head: Int) -> UnsafePointer<Float>? {
    let index = partOfSegment[segment]
    if index < 0 { return nil }
    return UnsafePointer(states(ofItem: parts[index].firstItem + head * parts[index].spans))
  }
}
