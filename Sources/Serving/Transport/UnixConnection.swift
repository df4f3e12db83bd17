import Glibc

/// The client's end of a connection: sends lines, and receives lines with an optional timeout.
///
/// One thread at a time may use it. The daemon's end is ``SocketServer``.
package struct UnixConnection: ~Copyable {
  /// The result of waiting for a line.
  package enum Received: Sendable, Equatable {
    case line([UInt8])
    /// A line beyond the limit; the rest of it is skipped.
    case overlong
    /// The peer closed the connection.
    case closed
    case timedOut
    /// The descriptor watched beside the socket became readable.
    case interrupted
  }

  private let socket: FileDescriptor
  private let address: String
  private var framer: LineFramer
  private var ready: ArraySlice<LineFramer.Frame> = []

  /// Connects to the socket at `path`.
  /// - Parameter lineLimit: The longest line that ``receive(milliseconds:interruptedBy:)`` returns, in bytes.
  /// - Throws: ``ConnectError``.
  package init(path: String, lineLimit: Int = 8 << 20) throws(ConnectError) {
    socket = try Self.connected(to: path)
    address = path
    framer = LineFramer(limit: lineLimit)
  }

  private static func connected(to path: String) throws(ConnectError) -> FileDescriptor {
    let address: SocketAddress
    do {
      address = try SocketAddress(path)
    } catch {
      throw .path(error)
    }
    let number = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw .system(SystemFailure("create", "a Unix socket")) }
    let descriptor = FileDescriptor(owning: number)
    let result = address.withSockaddr { pointer, length in
      retryingInterrupts { connect(number, pointer, length) }
    }
    guard result == 0 else { throw .system(SystemFailure("connect to", path)) }
    return descriptor
  }

  /// The process that serves the other end.
  package borrowing func peerCredentials() throws(SystemFailure) -> PeerCredentials {
    try PeerCredentials(socket: socket.number)
  }

  /// Sends `line` and a newline, with `descriptors` attached to its first byte; waits while the peer is slow.
  ///
  /// - Parameters:
  ///   - line: Without newline.
  ///   - descriptors: At most 4. The peer gets duplicates; the caller still owns these.
  /// - Throws: ``SystemFailure``; `EPIPE` when the peer has gone. Never raises SIGPIPE.
  package borrowing func send(line: consuming [UInt8], descriptors: [CInt] = []) throws(SystemFailure) {
    precondition(line.withUnsafeBytes { !$0.hasNewline }, "a line holds no newline")
    line.append(UInt8(ascii: "\n"))
    try sendRaw(line, descriptors: descriptors)
  }

  /// Tells the peer that no more lines come. Answers can still be received.
  package borrowing func finishSending() {
    shutdown(socket.number, CInt(SHUT_WR))
  }

  borrowing func sendRaw(_ bytes: [UInt8], descriptors: [CInt]) throws(SystemFailure) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        SocketMessage.send(
          UnsafeRawBufferPointer(rebasing: all[sent...]), descriptors: sent == 0 ? descriptors : [],
          to: socket.number,
          wait: true)
      }
      guard count >= 0 else { throw SystemFailure("send to", address) }
      sent += count
    }
  }

  /// The next line.
  ///
  /// - Parameters:
  ///   - milliseconds: How long to wait; nil waits for ever.
  ///   - other: A descriptor to watch meanwhile, such as one that signals arrive on.
  /// - Throws: ``SystemFailure`` when reading fails.
  package mutating func receive(
    milliseconds: Int? = nil, interruptedBy other: CInt? = nil
  ) throws(SystemFailure) -> Received {
    let deadline = milliseconds.map { ContinuousClock.now + .milliseconds($0) }
    while true {
      switch ready.popFirst() {
      case .line(let bytes)?: return .line(bytes)
      case .overlong?: return .overlong
      case nil: break
      }
      switch try wait(until: deadline, other) {
      case .readable: break
      case .other(let outcome): return outcome
      }
      let chunk = try read()
      if chunk.isEmpty { return .closed }
      ready = framer.append(chunk)[...]
    }
  }

  private enum Waited {
    case readable
    case other(Received)
  }

  private borrowing func wait(
    until deadline: ContinuousClock.Instant?, _ other: CInt?
  ) throws(SystemFailure) -> Waited {
    while true {
      // poll() ignores negative descriptors, so an absent second one needs no special case.
      var polled = [
        pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
        pollfd(fd: other ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&polled, 2, Self.pollTimeout(deadline))
      if count < 0, errno != EINTR { throw SystemFailure("wait for", address) }
      if count > 0, polled[1].revents != 0 { return .other(.interrupted) }
      if count > 0, polled[0].revents != 0 { return .readable }
      if count == 0, let deadline, ContinuousClock.now >= deadline { return .other(.timedOut) }
    }
  }

  private static func pollTimeout(_ deadline: ContinuousClock.Instant?) -> CInt {
    guard let deadline else { return -1 }
    let (seconds, attoseconds) = max(.zero, deadline - ContinuousClock.now).components
    // Rounded up, so that a wait does not end just before its deadline and spin.
    return CInt(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }

  private borrowing func read() throws(SystemFailure) -> [UInt8] {
    var count = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, initialized in
      count = retryingInterrupts { recv(socket.number, buffer.baseAddress, buffer.count, 0) }
      initialized = max(0, count)
    }
    if count < 0 {
      if errno == ECONNRESET { return [] }
      throw SystemFailure("read from", address)
    }
    return chunk
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var hasNewline: Bool {
    baseAddress.map { memchr($0, CInt(UInt8(ascii: "\n")), count) != nil } ?? false
  }
}

/// Why no connection could be made.
package enum ConnectError: Error, Sendable, Equatable, CustomStringConvertible {
  case path(SocketPathError)
  case system(SystemFailure)

  package var description: String {
    switch self {
    case .path(let error): error.description
    case .system(let failure): failure.description
    }
  }
}
