import Glibc

/// The state that the loop and the senders share, guarded by the server's lock.
struct ServerState {
  var listeners: [UnixListener] = []
  var connections: [ConnectionID: ServerConnection] = [:]
  var isStopping = false
  private var accepted: UInt64 = 0

  mutating func add(_ connection: ServerConnection) -> ConnectionID {
    accepted += 1
    let id = ConnectionID(number: accepted)
    connections[id] = connection
    return id
  }
}

/// One open connection: its socket and the bytes that wait to be sent.
///
///     open ──input ends──▶ inputEnded
///       │                     │
///       └──── finish() ───────┴──▶ flushing ──queue empty──▶ closing(.requested)
///     any ──too slow, failed──▶ closing(reason)
struct ServerConnection {
  enum Phase: Equatable {
    case open
    case inputEnded
    /// No more lines are read; closes once the queue is sent.
    case flushing
    /// The loop closes it at its next turn; nothing is sent any more.
    case closing(CloseReason)
  }
  /// What a thread that sends has to do next.
  enum Turn {
    /// Send some of this, and report what came of it with ``sent(_:code:)``.
    case send(ArraySlice<UInt8>, to: FileDescriptor)
    /// Do nothing: all is sent, or another thread sends it.
    case done
    /// Wake the loop, which waits until the peer reads, or closes the connection.
    case leaveToLoop(isOpen: Bool)
  }
  let socket: FileDescriptor
  /// Bytes that may wait for a peer that does not read.
  private let limit: Int
  private(set) var phase = Phase.open
  private var outgoing = OutgoingQueue()
  /// Whether a thread sends. One thread at a time does, and without the server's lock: the client that it wakes
  /// often takes its processor at once, and the loop would then wait for a lock that a thread holds which does
  /// not run. The article 0016-AnswersWithoutTheLock has the figures.
  private var isSending = false

  init(socket: FileDescriptor, limit: Int) {
    self.socket = socket
    self.limit = limit
  }

  /// What `poll` should wait for; hang-ups are always reported.
  var interests: Int16 {
    var events: Int16 = 0
    if phase == .open { events |= Int16(POLLIN) }
    if !outgoing.isEmpty, !isSending { events |= Int16(POLLOUT) }
    return events
  }

  /// Queues `bytes`. A caller that finds the queue empty sends them; otherwise another thread or the loop does.
  ///
  /// - Returns: What the caller does next; nil if the connection is closed or closing.
  mutating func enqueue(_ bytes: [UInt8]) -> Turn? {
    guard phase == .open || phase == .inputEnded else { return nil }
    let isFirst = outgoing.isEmpty
    outgoing.append(bytes)
    if isFirst { return resume() }
    return isSending || outgoing.byteCount <= limit ? .done : close(.tooSlow)
  }

  /// Begins to send what is queued, unless another thread does.
  mutating func resume() -> Turn {
    guard !isSending, !outgoing.isEmpty else { return .done }
    isSending = true
    return .send(outgoing.first, to: socket)
  }

  /// Notes how many bytes the socket took.
  ///
  /// - Parameter code: The errno of a failed send; 0 if it succeeded.
  /// - Returns: What the caller does next; nil if the connection is closing.
  mutating func sent(_ count: Int, code: CInt) -> Turn? {
    isSending = false
    if case .closing = phase { return nil }
    switch code {
    case 0:
      outgoing.sent(count)
      guard outgoing.isEmpty, phase == .flushing else { return resume() }
      phase = .closing(.requested)
      return .leaveToLoop(isOpen: true)
    case EAGAIN: return outgoing.byteCount <= limit ? .leaveToLoop(isOpen: true) : close(.tooSlow)
    case EPIPE, ECONNRESET: return close(.peerClosed)
    default: return close(.failed(SystemFailure("send to", "a client", code: code)))
    }
  }

  private mutating func close(_ reason: CloseReason) -> Turn {
    fail(reason)
    return .leaveToLoop(isOpen: false)
  }

  mutating func endInput() {
    if phase == .open { phase = .inputEnded }
  }

  mutating func finish() {
    guard phase == .open || phase == .inputEnded else { return }
    phase = outgoing.isEmpty ? .closing(.requested) : .flushing
  }

  mutating func fail(_ reason: CloseReason) {
    if case .closing = phase { return }
    phase = .closing(reason)
    outgoing = OutgoingQueue()
  }
}
