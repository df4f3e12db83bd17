import Glibc
import Synchronization
import Testing

@testable import Transport

/// A server on a temporary socket that records what happens and lets a test answer.
final class RecordingServer: Sendable {
  let directory = TemporaryDirectory()
  let events = Mutex<[ServerEvent]>([])
  let server = Mutex<SocketServer?>(nil)

  init(
    limits: ServerLimits = ServerLimits(), refusal: String = "",
    respond: @escaping @Sendable (SocketServer, ServerEvent) -> Void = { _, _ in }
  ) throws {
    let made = try SocketServer(limits: limits, refusal: Array(refusal.utf8)) { [weak self] event in
      guard let self else { return }
      events.withLock { $0.append(event) }
      if let server = server.withLock({ $0 }) { respond(server, event) }
    }
    server.withLock { $0 = made }
    try made.start([UnixListener.bind(path: path)])
  }

  deinit {
    server.withLock { $0 }?.stop()
  }

  var path: String { directory["s.sock"] }

  func connect() throws -> UnixConnection { try UnixConnection(path: path, lineLimit: 64 << 20) }

  /// Waits up to five seconds for an event that `match` accepts.
  func waitFor<Found>(_ match: (ServerEvent) -> Found?) -> Found? {
    for _ in 0..<1000 {
      let seen = events.withLock { $0 }
      if let found = seen.lazy.compactMap(match).first { return found }
      usleep(5000)
    }
    return nil
  }

  static func echo(_ server: SocketServer, _ event: ServerEvent) {
    if case .line(let id, let line, _) = event { server.send(line, to: id) }
  }
}

@Suite("Socket server", .serialized)
struct SocketServerTests {
  private func isClosed(_ reason: CloseReason) -> (ServerEvent) -> Bool? {
    { event in
      if case .closed(_, reason) = event { return true }
      return nil
    }
  }

  @Test("a line comes back to the connection that sent it")
  func echo() throws {
    let host = try RecordingServer(respond: RecordingServer.echo)
    var a = try host.connect()
    var b = try host.connect()
    try a.send(line: Array("from a".utf8))
    try b.send(line: Array("from b".utf8))
    #expect(try a.receive(milliseconds: 5000) == .line(Array("from a".utf8)))
    #expect(try b.receive(milliseconds: 5000) == .line(Array("from b".utf8)))
    #expect(try a.receive(milliseconds: 10) == .timedOut)
  }

  @Test("a megabyte line passes both ways")
  func longLine() throws {
    let host = try RecordingServer(respond: RecordingServer.echo)
    var connection = try host.connect()
    let line = (0..<1 << 20).map { UInt8(32 + $0 % 90) }
    try connection.send(line: line)
    #expect(try connection.receive(milliseconds: 5000) == .line(line))
  }

  @Test("the peer's credentials are those of this process")
  func credentials() throws {
    let host = try RecordingServer()
    let connection = try host.connect()
    let peer = host.waitFor { event in
      if case .accepted(_, let peer) = event { return peer }
      return nil
    }
    #expect(peer == PeerCredentials(uid: getuid(), gid: getgid(), pid: getpid()))
    #expect(try connection.peerCredentials().uid == getuid())
  }

  @Test("an overlong line is skipped and the connection lives")
  func overlong() throws {
    var limits = ServerLimits()
    limits.lineBytes = 100
    let host = try RecordingServer(limits: limits, respond: RecordingServer.echo)
    var connection = try host.connect()
    try connection.send(line: [UInt8](repeating: 65, count: 200_000))
    try connection.send(line: Array("short".utf8))
    #expect(try connection.receive(milliseconds: 5000) == .line(Array("short".utf8)))
    let reported = host.waitFor { event in
      if case .overlongLine = event { return true }
      return nil
    }
    #expect(reported == true)
  }

  @Test("a passed file arrives with its own line, also behind other lines")
  func passedFile() throws {
    let host = try RecordingServer()
    let connection = try host.connect()
    let path = host.directory["content"]
    let file = FileDescriptor(owning: open(path, O_CREAT | O_RDWR, 0o600))
    #expect(write(file.number, "hello", 5) == 5)
    try connection.send(line: Array("before".utf8))
    try connection.send(
      line: Array("with".utf8) + [UInt8](repeating: 46, count: 300_000), descriptors: [file.number])
    try connection.send(line: Array("after".utf8))
    let passed = host.waitFor { event in
      if case .line(_, let line, let files) = event, line.starts(with: "with".utf8) { return files }
      return nil
    }
    let received = try #require(passed?.first)
    #expect(passed?.count == 1)
    var content = [UInt8](repeating: 0, count: 8)
    #expect(pread(received.number, &content, 8, 0) == 5)
    #expect(received.number != file.number)
    #expect(fcntl(received.number, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test("more files than a line may carry close the connection")
  func tooManyFiles() throws {
    let host = try RecordingServer()
    let connection = try host.connect()
    // The line stays open over two messages, so its files add up.
    try connection.sendRaw(Array("unfinished".utf8), descriptors: [0, 0, 0, 0])
    try connection.sendRaw(Array("unfinished".utf8), descriptors: [0])
    #expect(host.waitFor(isClosed(.tooManyDescriptors)) == true)
  }

  @Test("a reader that does not read is closed at the bound; others are served")
  func slowReader() throws {
    var limits = ServerLimits()
    limits.outgoingBytes = 1 << 20
    let host = try RecordingServer(limits: limits) { server, event in
      guard case .line(let id, let line, _) = event else { return }
      if line == Array("flood".utf8) {
        let chunk = [UInt8](repeating: 66, count: 100_000)
        for _ in 0..<100 where !server.send(chunk, to: id) { break }
      } else {
        server.send(line, to: id)
      }
    }
    let slow = try host.connect()
    var quick = try host.connect()
    try slow.send(line: Array("flood".utf8))
    #expect(host.waitFor(isClosed(.tooSlow)) == true)
    try quick.send(line: Array("ping".utf8))
    #expect(try quick.receive(milliseconds: 5000) == .line(Array("ping".utf8)))
  }

  @Test("a slow reader within the bound gets everything, in order")
  func backpressure() throws {
    let host = try RecordingServer { server, event in
      guard case .line(let id, _, _) = event else { return }
      for number in 0..<50 { server.send([UInt8](repeating: UInt8(40 + number), count: 100_000), to: id) }
      server.close(id)
    }
    var connection = try host.connect()
    try connection.send(line: Array("go".utf8))
    usleep(50_000)
    for number in 0..<50 {
      #expect(
        try connection.receive(milliseconds: 5000)
          == .line([UInt8](repeating: UInt8(40 + number), count: 100_000)))
    }
    #expect(try connection.receive(milliseconds: 5000) == .closed)
  }

  @Test("connections beyond the limit get the refusal and are closed")
  func refusal() throws {
    var limits = ServerLimits()
    limits.connections = 2
    let host = try RecordingServer(limits: limits, refusal: "busy", respond: RecordingServer.echo)
    var first = try host.connect()
    let second = try host.connect()
    var third = try host.connect()
    #expect(try third.receive(milliseconds: 5000) == .line(Array("busy".utf8)))
    #expect(try third.receive(milliseconds: 5000) == .closed)
    try first.send(line: Array("still here".utf8))
    #expect(try first.receive(milliseconds: 5000) == .line(Array("still here".utf8)))
    try second.send(line: [1])
  }

  @Test("a peer that closes ends its connection; one that only stops sending still gets answers")
  func hangUp() throws {
    let host = try RecordingServer { server, event in
      if case .inputEnded(let id) = event {
        server.send(Array("late answer".utf8), to: id)
        server.close(id)
      }
    }
    do {
      let gone = try host.connect()
      try gone.send(line: [65])
    }
    #expect(host.waitFor(isClosed(.peerClosed)) == true)
    var half = try host.connect()
    try half.send(line: [65])
    half.finishSending()
    #expect(try half.receive(milliseconds: 5000) == .line(Array("late answer".utf8)))
    #expect(try half.receive(milliseconds: 5000) == .closed)
  }

  @Test("many threads send to one connection without tearing lines")
  func concurrentSenders() throws {
    let host = try RecordingServer { server, event in
      guard case .line(let id, _, _) = event else { return }
      for sender in 0..<4 {
        Thread.start {
          for _ in 0..<200 { server.send([UInt8](repeating: UInt8(65 + sender), count: 500), to: id) }
        }
      }
    }
    var connection = try host.connect()
    try connection.send(line: [65])
    for _ in 0..<800 {
      guard case .line(let line) = try connection.receive(milliseconds: 5000) else {
        Issue.record("the stream ended early")
        return
      }
      #expect(line.count == 500 && Set(line).count == 1)
    }
  }

  @Test("after stopListening nobody gets in and open connections go on")
  func draining() throws {
    let host = try RecordingServer(respond: RecordingServer.echo)
    var connection = try host.connect()
    try connection.send(line: [65])
    #expect(try connection.receive(milliseconds: 5000) == .line([65]))
    host.server.withLock { $0 }?.stopListening()
    usleep(100_000)
    #expect(throws: ConnectError.self) { _ = try host.connect() }
    try connection.send(line: [66])
    #expect(try connection.receive(milliseconds: 5000) == .line([66]))
  }

  @Test("an idle server uses no processor time")
  func idle() throws {
    let host = try RecordingServer()
    let connection = try host.connect()
    usleep(50_000)
    let clock = try #require(host.server.withLock { $0 }?.processorClock)
    func processorTime() -> Int {
      var usage = timespec()
      clock_gettime(clock, &usage)
      return usage.tv_sec * 1_000_000_000 + usage.tv_nsec
    }
    let before = processorTime()
    usleep(200_000)
    #expect(processorTime() - before < 1_000_000)
    try connection.send(line: [65])
  }
}

/// A detached thread; enough for a test.
enum Thread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context)
    pthread_detach(thread)
  }
}
