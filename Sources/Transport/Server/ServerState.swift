import Glibc

/// What the loop and the senders share, behind the server's lock.
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

/// One open connection: its socket and what waits to be sent.
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
  let socket: FileDescriptor
  private(set) var phase = Phase.open
  private var outgoing = OutgoingQueue()

  init(socket: FileDescriptor) {
    self.socket = socket
  }

  /// What `poll` should wait for; hang-ups are always reported.
  var interests: Int16 {
    var events: Int16 = 0
    if phase == .open { events |= Int16(POLLIN) }
    if !outgoing.isEmpty { events |= Int16(POLLOUT) }
    return events
  }

  /// Sends or queues `bytes`; the second part says whether the loop must look at the connection.
  mutating func send(_ bytes: [UInt8], limit: Int) -> (taken: Bool, needsLoop: Bool) {
    guard phase == .open || phase == .inputEnded else { return (false, false) }
    let wasWaiting = !outgoing.isEmpty
    outgoing.append(bytes)
    if !wasWaiting { flush() }
    if outgoing.byteCount > limit { fail(.tooSlow) }
    if case .closing = phase { return (false, true) }
    return (true, !wasWaiting && !outgoing.isEmpty)
  }

  /// Sends what the socket takes now.
  mutating func flush() {
    switch outgoing.flush(to: socket.number) {
    case .blocked: break
    case .empty: if phase == .flushing { phase = .closing(.requested) }
    case .failed(let code) where code == EPIPE || code == ECONNRESET: fail(.peerClosed)
    case .failed(let code): fail(.failed(SystemFailure("send to", "a client", code: code)))
    }
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
