import Dispatch
import Engine
import FoundationEssentials
import Glibc
import JSON
import ModelFixtures
import Scheduling
import Service
import Synchronization
import Testing
import WireProtocol

/// A service on a temporary state folder, with an engine of one thread in this process.
final class ServiceFixture {
  static let administrator: UInt32 = 1000

  let service: Service
  let folder: StateFolder
  private var isStopped = false

  /// - Parameter folder: The state of an earlier fixture to go on with; nil for a new one.
  init(memoryBudget: Int? = nil, folder: StateFolder? = nil) throws {
    self.folder = try folder ?? StateFolder()
    let limits = AdmissionLimits(requests: 8, tokens: 4096, requestsPerUID: 8, tokensPerUID: 4096)
    let engine = Engine(.init(threads: 1, admission: limits, step: StepBudget(tokens: 64, chunk: 32)))
    let options = ServiceOptions(
      stateDirectory: self.folder.path, modelsDirectory: nil,
      modelLimits: .init(imageBatch: 2, sequences: 2, cacheBytes: 1 << 20),
      memoryBudget: memoryBudget, policy: Self.policy(administrators: [Self.administrator]),
      version: "test")
    service = try Service(options: options, engine: engine)
  }

  static func policy(administrators: Set<UInt32>) -> ServicePolicy {
    ServicePolicy(
      rights: Rights(administrators: administrators),
      gate: QualityGate(maxPerplexityRatio: 1.10, minAgreement: 0.90), maxImagePixels: 1 << 26,
      defaultMaxTokens: 256)
  }

  /// Stops the engine; called at the end at the latest.
  func stop() {
    guard !isStopped else { return }
    isStopped = true
    service.stop(drain: .zero)
  }

  deinit { stop() }

  func client(uid: UInt32 = administrator, connection: UInt64 = 1) -> FakeClient {
    FakeClient(service, uid: uid, connection: connection)
  }

  /// Installs a pack through the protocol and returns the answer.
  @discardableResult
  func install(_ pack: TinyPack, as name: String, by client: FakeClient, label: String? = nil) throws
    -> JSONValue
  {
    let path = folder.path + "/pack"
    try Data(try pack.bytes()).write(to: URL(filePath: path))
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXFailure(code: errno) }
    defer { close(descriptor) }
    var members: [String: JSONValue] = ["fd": true, "name": .string(name)]
    members["label"] = label.map { .string($0) }
    return try client.ask("install", "install", members, file: descriptor)
  }
}

/// A state directory that disappears with its last user.
final class StateFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/quantd-service-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXFailure(code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

struct POSIXFailure: Error {
  let code: CInt
}

/// A client without a socket: what it is sent is kept.
final class FakeClient: Sendable {
  private let service: Service
  private let caller: Caller
  private let inbox: Inbox

  private final class Inbox: Sendable {
    let events = Mutex<[JSONValue]>([])
    /// Whether the connection counted as idle when each event arrived.
    let idleness = Mutex<[Bool]>([])
    let arrivals = DispatchSemaphore(value: 0)
  }

  init(_ service: Service, uid: UInt32, connection: UInt64) {
    let inbox = Inbox()
    self.service = service
    self.inbox = inbox
    caller = Caller(connection: connection, uid: uid) { line in
      guard let event = try? JSONValue(parsing: line) else {
        Issue.record("the service sent a line that is no JSON: \(String(decoding: line, as: UTF8.self))")
        return false
      }
      inbox.idleness.withLock { $0.append(service.isIdle(connection)) }
      inbox.events.withLock { $0.append(event) }
      inbox.arrivals.signal()
      return true
    }
  }

  func send(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:], file: CInt? = nil) {
    var object = JSONObject(members: [
      .init(name: "id", value: .string(id)), .init(name: "op", value: .string(operation)),
    ])
    for (name, value) in members.sorted(by: { $0.key < $1.key }) { object[name] = value }
    service.handle(
      JSONValue.object(object).encoded(), files: file.map { [PassedFile(descriptor: $0, owner: 0)] } ?? [],
      from: caller)
  }

  /// Sends a line as it is.
  func send(line: String) { service.handle(Array(line.utf8), files: [], from: caller) }

  /// Whether the connection counted as idle when some event arrived.
  var wasIdleWhenAnswered: Bool { inbox.idleness.withLock { $0.contains(true) } }

  /// The next event, in the order of arrival.
  /// - Throws: ``POSIXFailure`` with `ETIMEDOUT` after half a minute.
  func next() throws -> JSONValue {
    guard inbox.arrivals.wait(timeout: .now() + 30) == .success else { throw POSIXFailure(code: ETIMEDOUT) }
    return inbox.events.withLock { $0.removeFirst() }
  }

  /// The last event of one request; events before it, and those of others, are dropped.
  @discardableResult
  func ask(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:], file: CInt? = nil) throws
    -> JSONValue
  {
    send(id, operation, members, file: file)
    while true {
      let event = try next()
      let isLast = ["done", "result", "error"].contains(event["event"]?.stringValue)
      if event["id"]?.stringValue == id, isLast { return event }
    }
  }
}

extension JSONValue {
  var errorCode: String? { self["error"]?["code"]?.stringValue }
  var message: String { self["error"]?["message"]?.stringValue ?? "" }
  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
