import Glibc

/// Bytes that a peer has not taken yet, in order.
struct OutgoingQueue {
  enum Outcome: Equatable {
    case empty
    /// The socket's buffer is full; go on when it is writable.
    case blocked
    case failed(code: CInt)
  }
  private var chunks: [[UInt8]] = []
  private var next = 0
  private var offset = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    chunks.append(bytes)
    byteCount += bytes.count
  }

  /// Sends as much as `socket` takes without waiting.
  mutating func flush(to socket: CInt) -> Outcome {
    while next < chunks.count {
      let count = chunks[next].withUnsafeBytes {
        SocketMessage.send(UnsafeRawBufferPointer(rebasing: $0[offset...]), to: socket, wait: false)
      }
      guard count >= 0 else {
        compact()
        return errno == EAGAIN ? .blocked : .failed(code: errno)
      }
      byteCount -= count
      offset += count
      if offset == chunks[next].count { (next, offset) = (next + 1, 0) }
    }
    compact()
    return .empty
  }

  /// Forgets what was sent, so that a long stream does not keep every chunk it ever held.
  private mutating func compact() {
    chunks.removeSubrange(..<next)
    next = 0
  }
}
