import Glibc
import Synchronization

/// Serves lines on Unix sockets from one thread of its own, which sleeps in `poll` and costs nothing when idle.
///
///     let server = try SocketServer(refusal: busyLine) { event in … }
///     try server.start(listeners)
///     server.send(answer, to: connection)   // from any thread
///     server.stopListening()                // drain: open connections go on
///     server.stop()
///
/// The event handler runs on that thread and should hand work on; it may call every method.
/// Answers are sent from the calling thread when the socket takes them, and queued otherwise; a peer that does not
/// read is closed once ``ServerLimits/outgoingBytes`` wait. SIGPIPE is never raised.
///
/// A client must send a line with descriptors by a `sendmsg` of its own: descriptors belong to the line in
/// which the bytes that came with them end.
///
/// `poll`, not `epoll`: the set is bounded by ``ServerLimits/connections``, and building it costs microseconds.
package final class SocketServer: Sendable {
  let limits: ServerLimits
  let refusal: [UInt8]
  let handler: @Sendable (ServerEvent) -> Void
  let wakePipe: WakePipe
  let state = Mutex(ServerState())
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameters:
  ///   - refusal: The line sent to a connection beyond the limit, without newline; empty sends nothing.
  ///   - handler: Receives every event, on the server's thread.
  /// - Throws: ``SystemFailure`` when the process has no descriptors left.
  package init(
    limits: ServerLimits = ServerLimits(), refusal: [UInt8] = [],
    handler: @escaping @Sendable (ServerEvent) -> Void
  ) throws(SystemFailure) {
    self.limits = limits
    self.refusal = refusal.isEmpty ? [] : refusal + [UInt8(ascii: "\n")]
    self.handler = handler
    wakePipe = try WakePipe()
  }

  /// Starts the thread, which keeps the server alive until ``stop()``.
  /// - Precondition: Called once.
  package func start(_ listeners: [UnixListener]) throws(SystemFailure) {
    state.withLock { $0.listeners = listeners }
    let context = Unmanaged.passRetained(self)
    var started = pthread_t()
    let code = pthread_create(&started, nil, runServerLoop, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw SystemFailure("start", "the socket thread", code: code)
    }
    thread.withLock { $0 = started }
  }

  /// Sends `line` and a newline.
  /// - Returns: Whether the connection still took it; false once it is closed or closing.
  @discardableResult
  package func send(_ line: consuming [UInt8], to id: ConnectionID) -> Bool {
    line.append(UInt8(ascii: "\n"))
    let bytes = line
    return send(to: id) { $0?.enqueue(bytes) }
  }

  /// Sends the bytes that wait for a connection, beginning with the turn that `begin` gives this thread.
  /// - Returns: Whether the connection still takes lines.
  @discardableResult
  func send(to id: ConnectionID, begin: (inout ServerConnection?) -> ServerConnection.Turn?) -> Bool {
    var turn = state.withLock { begin(&$0.connections[id]) }
    while case .send(let bytes, let socket) = turn {
      let (count, code) = bytes.withUnsafeBytes { bytes in
        let count = SocketMessage.send(bytes, to: socket.number, wait: false)
        return (count, count < 0 ? errno : 0)
      }
      turn = state.withLock { $0.connections[id]?.sent(count, code: code) }
    }
    switch turn {
    case .done, .send: return true
    case .leaveToLoop(let isOpen):
      wakePipe.wake()
      return isOpen
    case nil: return false
    }
  }

  /// Closes a connection once everything queued for it is sent; `closed` follows.
  package func close(_ id: ConnectionID) {
    state.withLock { $0.connections[id]?.finish() }
    wakePipe.wake()
  }

  /// Accepts no more connections and releases the listeners; open connections go on.
  package func stopListening() {
    state.withLock { $0.listeners = [] }
    wakePipe.wake()
  }

  /// Closes every connection, sent or not, and waits for the thread to end; called from the event handler, which
  /// that thread runs, it does not wait.
  package func stop() {
    state.withLock { $0.isStopping = true }
    wakePipe.wake()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    if pthread_equal(running, pthread_self()) != 0 {
      pthread_detach(running)
    } else {
      pthread_join(running, nil)
    }
  }

  /// The clock of the processor time that the server's thread used; nil when it does not run.
  var processorClock: clockid_t? {
    thread.withLock { thread in
      var clock = clockid_t()
      guard let thread, pthread_getcpuclockid(thread, &clock) == 0 else { return nil }
      return clock
    }
  }

  /// Connections open now.
  package var connectionCount: Int { state.withLock { $0.connections.count } }
}

private func runServerLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let server = Unmanaged<SocketServer>.fromOpaque(context).takeRetainedValue()
  var loop = ServerLoop(server)
  loop.run()
  return nil
}
