import Glibc
import JSON
import Transport
import Vocabulary
import WireProtocol

/// A conversation with the daemon: requests go out, one by one or a few ahead, and each is answered to its end.
final class Session {
  /// Milliseconds for which the client waits for the last event of a request that it cancelled.
  private static let cancelPatience = 1000
  /// Milliseconds after a deadline for which the client waits, so that the daemon itself can say that it
  /// passed.
  private static let grace = 500

  private var connection: UnixConnection
  let candidate: SocketLookup.Candidate
  private let interrupt: Interrupt?
  private let timeout: Int?
  private var isArmed = false
  private var requests = 0
  /// Last events that came before their requests' turn.
  private var early: [RequestID: Event] = [:]

  /// - Parameters:
  ///   - interrupt: Becomes readable when the user presses Ctrl-C; armed while an answer is awaited.
  ///   - timeout: The most milliseconds between a request and its last event.
  init(_ lookup: SocketLookup, interrupt: Interrupt?, timeout: Int?) throws(ClientFailure) {
    let connected = try lookup.connect()
    candidate = connected.candidate
    connection = connected.connection
    self.interrupt = interrupt
    self.timeout = timeout
  }

  func peer() throws(ClientFailure) -> PeerCredentials {
    do {
      return try connection.peerCredentials()
    } catch {
      throw .connection(error.description)
    }
  }

  /// Sends a request and returns its result.
  /// - Throws: ``ClientFailure/refused(_:model:models:)`` for an error event, or a failure of the connection.
  func result(
    _ operation: Operation, model: ModelReference? = nil, descriptors: [CInt] = [],
    progress: (ProgressEvent) throws(ClientFailure) -> Void = { _ throws(ClientFailure) in }
  ) throws(ClientFailure) -> JSONValue {
    let last = try run(operation, model: model, descriptors: descriptors) { event throws(ClientFailure) in
      if case .progress(let news) = event.body { try progress(news) }
    }
    guard case .result(let value) = last.body else { throw .badAnswer("'result' expected") }
    return value
  }

  /// Sends a request, hands over every event before the last, and returns the last: `done` or `result`.
  func run(
    _ operation: Operation, model: ModelReference? = nil, descriptors: [CInt] = [],
    each: (Event) throws(ClientFailure) -> Void
  ) throws(ClientFailure) -> Event {
    try finish(try begin(operation, model: model, descriptors: descriptors), each: each)
  }

  /// Sends a request whose answer is taken later, so that the daemon has several to batch.
  func begin(
    _ operation: Operation, model: ModelReference? = nil, descriptors: [CInt] = []
  ) throws(ClientFailure) -> Request {
    requests += 1
    let request = Request(id: .integer(requests), model: model, operation: operation)
    try send(request, descriptors)
    return request
  }

  /// Takes the answer of a request that ``begin(_:model:descriptors:)`` sent. Last events of other requests are
  /// kept.
  func finish(_ request: Request, each: (Event) throws(ClientFailure) -> Void) throws(ClientFailure) -> Event
  {
    let deadline = timeout.map { ContinuousClock.now + .milliseconds($0 + Self.grace) }
    if !isArmed { interrupt?.arm() }
    isArmed = true
    while true {
      let kept = early.removeValue(forKey: request.id)
      let event = if let kept { kept } else { try nextEvent(of: request.id, deadline) }
      if case .error(let error) = event.body { throw refusal(error, request.operation, request.model) }
      if event.isLast { return event }
      try each(event)
    }
  }

  private func send(_ request: Request, _ descriptors: [CInt]) throws(ClientFailure) {
    let line = request.encoded()
    guard line.count <= JSONLimits.lineBytes else {
      throw .badInput("the request has \(line.count) bytes, the daemon reads at most \(JSONLimits.lineBytes)")
    }
    do {
      try connection.send(line: line, descriptors: descriptors)
    } catch {
      // A daemon that is full sends its reason and closes; that reason is worth more than "broken pipe".
      guard error.isBrokenPipe, case .line(let line)? = try? connection.receive(milliseconds: 100),
        let event = try? Event(line: line), case .error(let reason) = event.body
      else { throw .connection(error.description) }
      throw .refused(reason, model: nil, models: [])
    }
  }

  private func nextEvent(
    of id: RequestID, _ deadline: ContinuousClock.Instant?
  ) throws(ClientFailure) -> Event {
    while true {
      let remaining = deadline.map { Self.milliseconds(until: $0) }
      switch try receive(milliseconds: remaining, interruptedBy: interrupt?.descriptor) {
      case .line(let line):
        let event = try Self.event(line)
        // An event without id is about the connection as a whole.
        guard let other = event.id, other != id else { return event }
        if event.isLast { early[other] = event }
      case .overlong: throw .badAnswer("a line beyond \(JSONLimits.lineBytes) bytes")
      case .closed: throw .connection("the daemon closed the connection before it answered")
      case .timedOut:
        cancel(id)
        throw .timedOut(milliseconds: timeout ?? 0)
      case .interrupted:
        cancel(id)
        throw .interrupted
      }
    }
  }

  private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int {
    let (seconds, attoseconds) = max(.zero, deadline - ContinuousClock.now).components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  private func receive(
    milliseconds: Int?, interruptedBy other: CInt?
  ) throws(ClientFailure) -> UnixConnection.Received {
    do {
      return try connection.receive(milliseconds: milliseconds, interruptedBy: other)
    } catch {
      throw .connection(error.description)
    }
  }

  private static func event(_ line: [UInt8]) throws(ClientFailure) -> Event {
    do {
      return try Event(line: line)
    } catch {
      throw .badAnswer(error.message)
    }
  }

  /// Asks the daemon to stop, and waits briefly until the request says that it has.
  private func cancel(_ id: RequestID) {
    requests += 1
    let request = Request(id: .integer(requests), operation: .cancel(target: id))
    guard (try? connection.send(line: request.encoded())) != nil else { return }
    let deadline = ContinuousClock.now + .milliseconds(Self.cancelPatience)
    while case .line(let line)? = try? connection.receive(milliseconds: Self.milliseconds(until: deadline)) {
      if let event = try? Event(line: line), event.id == id, event.isLast { return }
    }
  }

  /// The failure for an error event; for an unknown model, with the names that are known.
  private func refusal(_ error: WireError, _ operation: Operation, _ model: ModelReference?) -> ClientFailure
  {
    guard error.code == .unknownModel, let model, operation != .ask(.models) else {
      return .refused(error, model: model?.description, models: [])
    }
    let list = (try? result(.ask(.models))).flatMap { try? ModelList(json: $0) }
    var names: [String] = []
    for name in list?.models.map(\.name) ?? [] where !names.contains(name) {
      names.append(name)
    }
    // The model exists, but not the version or label. The daemon's own message says that better than a list of
    // models.
    if names.contains(model.name) { return .refused(error, model: nil, models: []) }
    return .refused(error, model: model.description, models: names)
  }
}
