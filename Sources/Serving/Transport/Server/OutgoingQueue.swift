/// Bytes that a peer has not taken yet, in order.
struct OutgoingQueue {
  private var chunks: [[UInt8]] = []
  private var next = 0
  private var offset = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  /// The bytes to send next. They stay in the queue until ``sent(_:)`` takes them away.
  var first: ArraySlice<UInt8> { chunks[next][offset...] }

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    chunks.append(bytes)
    byteCount += bytes.count
  }

  /// Forgets `count` bytes of ``first``.
  mutating func sent(_ count: Int) {
    byteCount -= count
    offset += count
    guard offset == chunks[next].count else { return }
    (next, offset) = (next + 1, 0)
    // Sent chunks are dropped when they are half of the array: a long stream then neither keeps every chunk
    // that it ever had nor moves the others for each one.
    if 2 * next >= chunks.count {
      chunks.removeSubrange(..<next)
      next = 0
    }
  }
}
