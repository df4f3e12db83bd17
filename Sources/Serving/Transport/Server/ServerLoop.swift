import Glibc

/// The server's thread: waits for sockets, reads lines, hands out events, closes what ended.
struct ServerLoop {
  /// The reading half of a connection; only this thread touches it.
  private struct Reader {
    var framer: LineFramer
    /// Descriptors that came inside a line which is not complete yet.
    var descriptors: [FileDescriptor] = []
  }
  private enum Source {
    case wakePipe
    case listener(UnixListener)
    case connection(ConnectionID, FileDescriptor)
  }
  /// Milliseconds for which the loop accepts nobody after the process ran out of descriptors, so that it does
  /// not fail in a busy loop. A descriptor may be free again by then.
  private static let acceptPause: CInt = 100

  /// The most bytes of one read: as much as a socket's buffer holds, so that a picture, a line of 200 kB, takes
  /// few turns of the loop.
  private static let readBytes = 1 << 18

  private let server: SocketServer
  private var readers: [ConnectionID: Reader] = [:]
  private var bufferedBytes = 0
  private var acceptIsPaused = false

  init(_ server: SocketServer) {
    self.server = server
  }

  mutating func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.readBytes, alignment: 64)
    defer { buffer.deallocate() }
    while !server.state.withLock({ $0.isStopping }) {
      closeEnded()
      var (sources, polled) = pollSet()
      let timeout = acceptIsPaused ? Self.acceptPause : -1
      acceptIsPaused = false
      guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { continue }
      for (source, entry) in zip(sources, polled) where entry.revents != 0 {
        handle(source, entry.revents, buffer)
      }
      sources.removeAll()
    }
    closeAll()
  }

  private func pollSet() -> ([Source], [pollfd]) {
    var sources: [Source] = [.wakePipe]
    var polled = [pollfd(fd: server.wakePipe.readableEnd, events: Int16(POLLIN), revents: 0)]
    server.state.withLock { state in
      for listener in acceptIsPaused ? [] : state.listeners {
        sources.append(.listener(listener))
        polled.append(pollfd(fd: listener.descriptor.number, events: Int16(POLLIN), revents: 0))
      }
      for (id, connection) in state.connections {
        sources.append(.connection(id, connection.socket))
        polled.append(pollfd(fd: connection.socket.number, events: connection.interests, revents: 0))
      }
    }
    return (sources, polled)
  }

  private mutating func handle(_ source: Source, _ ready: Int16, _ buffer: UnsafeMutableRawBufferPointer) {
    switch source {
    case .wakePipe: server.wakePipe.drain()
    case .listener(let listener): accept(from: listener)
    case .connection(let id, let socket):
      if ready & Int16(POLLOUT) != 0 { server.send(to: id) { $0?.resume() } }
      if ready & Int16(POLLIN) != 0 {
        read(id, socket, buffer, peerIsGone: ready & Int16(POLLHUP) != 0)
      } else if ready & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
        end(id, .peerClosed)
      }
    }
  }

  // MARK: Accepting

  private mutating func accept(from listener: UnixListener) {
    let number = Glibc.accept(listener.descriptor.number, nil, nil)
    guard number >= 0 else {
      // The rest (EAGAIN, ECONNABORTED) means that this caller has gone again.
      acceptIsPaused = [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno)
      return
    }
    let socket = FileDescriptor(owning: number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    guard let peer = try? PeerCredentials(socket: number) else { return }
    let limits = server.limits
    let id = server.state.withLock { state in
      state.connections.count < limits.connections
        ? state.add(ServerConnection(socket: socket, limit: limits.outgoingBytes)) : nil
    }
    guard let id else {
      _ = server.refusal.withUnsafeBytes { SocketMessage.send($0, to: number, wait: false) }
      return
    }
    readers[id] = Reader(framer: LineFramer(limit: limits.lineBytes))
    server.handler(.accepted(id, peer))
  }

  // MARK: Reading

  private mutating func read(
    _ id: ConnectionID, _ socket: FileDescriptor, _ buffer: UnsafeMutableRawBufferPointer, peerIsGone: Bool
  ) {
    let received = SocketMessage.receive(into: buffer, from: socket.number)
    if received.lostDescriptors { return end(id, .tooManyDescriptors) }
    switch received.count {
    case 1...: deliver(id, UnsafeRawBufferPointer(rebasing: buffer[..<received.count]), received.descriptors)
    case 0 where peerIsGone: end(id, .peerClosed)
    case 0:
      server.state.withLock { $0.connections[id]?.endInput() }
      server.handler(.inputEnded(id))
    default:
      if errno == ECONNRESET { return end(id, .peerClosed) }
      if errno != EAGAIN { end(id, .failed(SystemFailure("read from", "a client"))) }
    }
  }

  /// Hands out the lines that `chunk` completes, each with its descriptors.
  private mutating func deliver(
    _ id: ConnectionID, _ chunk: UnsafeRawBufferPointer, _ arrived: [FileDescriptor]
  ) {
    guard var reader = readers.removeValue(forKey: id) else { return }
    let before = reader.framer.bufferedBytes
    let frames = reader.framer.append(chunk)
    bufferedBytes += reader.framer.bufferedBytes - before
    // The kernel ends a read after the bytes that carry descriptors, so the descriptors belong to the line of
    // the last byte.
    let belongsToLast = !reader.framer.isInsideLine
    for (index, frame) in frames.enumerated() {
      var descriptors = reader.descriptors
      reader.descriptors = []
      if belongsToLast, index == frames.count - 1 { descriptors += arrived }
      switch frame {
      case .line(let line): server.handler(.line(id, line, descriptors))
      case .overlong: server.handler(.overlongLine(id))
      }
    }
    if !belongsToLast { reader.descriptors += arrived }
    let isGreedy = bufferedBytes > server.limits.incomingBytes
    let isHoarding = reader.descriptors.count > SocketMessage.maximumDescriptors
    readers[id] = reader
    if isGreedy { end(id, .tooMuchBuffered) }
    if isHoarding { end(id, .tooManyDescriptors) }
  }

  // MARK: Closing

  private func end(_ id: ConnectionID, _ reason: CloseReason) {
    server.state.withLock { $0.connections[id]?.fail(reason) }
  }

  /// Closes every connection whose phase says so, and tells the handler.
  private mutating func closeEnded() {
    let ended = server.state.withLock { state in
      var ended: [(ConnectionID, CloseReason)] = []
      for (id, connection) in state.connections {
        if case .closing(let reason) = connection.phase { ended.append((id, reason)) }
      }
      for (id, _) in ended {
        state.connections[id] = nil
      }
      return ended
    }
    for (id, reason) in ended {
      forget(id)
      server.handler(.closed(id, reason))
    }
  }

  private mutating func closeAll() {
    server.state.withLock { state in
      state.listeners = []
      for id in state.connections.keys {
        state.connections[id]?.fail(.stopping)
      }
    }
    closeEnded()
  }

  private mutating func forget(_ id: ConnectionID) {
    bufferedBytes -= readers.removeValue(forKey: id)?.framer.bufferedBytes ?? 0
  }
}
