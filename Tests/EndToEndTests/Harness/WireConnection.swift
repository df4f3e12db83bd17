import Glibc
import JSON
import WireProtocol

/// A connection of raw lines to the daemon; every wait is bounded.
final class WireConnection {
  private let descriptor: CInt
  private var received: [UInt8] = []
  private var start = 0
  /// Events that were read while another request's answer was awaited.
  private var kept: [JSONValue] = []

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw HarnessError("socket: \(String(cString: strerror(errno)))") }
    let status = withUnixAddress(path) { connect(descriptor, $0, $1) }
    guard status == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw HarnessError("connect to \(path): \(reason)")
    }
  }

  deinit { close(descriptor) }

  /// Says that nothing more will be sent.
  func endInput() { shutdown(descriptor, CInt(SHUT_WR)) }

  // MARK: Sending

  func send(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw HarnessError("send: \(String(cString: strerror(errno)))") }
      done += count
    }
  }

  func send(line: String) throws { try send(Array(line.utf8) + [UInt8(ascii: "\n")]) }

  /// Sends a request by its members; `file` goes along as a descriptor.
  func send(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:], file: CInt? = nil) throws
  {
    var object = JSONObject(members: [
      .init(name: "id", value: .string(id)), .init(name: "op", value: .string(operation)),
    ])
    for (name, value) in members.sorted(by: { $0.key < $1.key }) { object[name] = value }
    if file != nil { object["fd"] = true }
    let line = JSONValue.object(object).encoded() + [UInt8(ascii: "\n")]
    if let file { try send(line, passing: file) } else { try send(line) }
  }

  private func send(_ line: [UInt8], passing file: CInt) throws {
    var line = line
    let count = line.count
    // A control message of one descriptor: header of 16 bytes, then the number, padded to 8.
    var control = [UInt64](repeating: 0, count: 3)
    control[0] = 20
    control[1] = UInt64(UInt32(bitPattern: CInt(SOL_SOCKET))) | UInt64(UInt32(SCM_RIGHTS)) << 32
    control[2] = UInt64(UInt32(bitPattern: file))
    let sent = line.withUnsafeMutableBytes { bytes in
      var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
      return control.withUnsafeMutableBytes { control in
        withUnsafeMutablePointer(to: &vector) { vector in
          var message = msghdr()
          message.msg_iov = vector
          message.msg_iovlen = 1
          message.msg_control = control.baseAddress
          message.msg_controllen = 24
          return sendmsg(descriptor, &message, CInt(MSG_NOSIGNAL))
        }
      }
    }
    guard sent == count else { throw HarnessError("sendmsg: \(sent) of \(count) bytes") }
  }

  // MARK: Receiving

  /// The next event; nil when the daemon closed the connection.
  /// - Throws: ``HarnessError`` when neither happens within `seconds`.
  func next(seconds: Double = 30) throws -> JSONValue? {
    kept.isEmpty ? try read(seconds: seconds) : kept.removeFirst()
  }

  private func read(seconds: Double) throws -> JSONValue? {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      if let line = takeLine() { return try JSONValue(parsing: line) }
      let left = Int32(max(0, (end - .now) / .milliseconds(1)))
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&entry, 1, left)
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { throw HarnessError("no event within \(seconds) s") }
      guard try receive() else { return nil }
    }
  }

  /// A line that has come already.
  func pending() throws -> JSONValue? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while takeable == nil, poll(&entry, 1, 0) > 0 {
      guard try receive() else { throw HarnessError("the daemon closed the connection") }
    }
    return try takeLine().map { try JSONValue(parsing: $0) }
  }

  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw HarnessError("recv: \(String(cString: strerror(errno)))") }
    received += buffer[..<count]
    return count > 0
  }

  private var takeable: Int? { received[start...].firstIndex(of: UInt8(ascii: "\n")) }

  private func takeLine() -> [UInt8]? {
    guard let end = takeable else { return nil }
    defer {
      start = end + 1
      if start > 1 << 20 {
        received.removeFirst(start)
        start = 0
      }
    }
    return Array(received[start..<end])
  }

  // MARK: Conversations

  /// Sends a request and returns its last event.
  @discardableResult
  func ask(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:], file: CInt? = nil) throws
    -> JSONValue
  {
    try send(id, operation, members, file: file)
    guard let last = try answers([id])[id]?.last else { throw HarnessError("no answer to \(id)") }
    return last
  }

  /// All events of the named requests, each up to its last; those of others are kept for later.
  func answers(_ ids: Set<String>) throws -> [String: [JSONValue]] {
    var (open, events, others) = (ids, [String: [JSONValue]](), [JSONValue]())
    while !open.isEmpty {
      guard let event = try next() else { throw HarnessError("closed before \(open.sorted()) were answered") }
      guard let id = event["id"]?.stringValue, open.contains(id) else {
        others.append(event)
        continue
      }
      events[id, default: []].append(event)
      if event.isLast { open.remove(id) }
    }
    kept = others + kept
    return events
  }
}

/// The address of a Unix socket, for a call that takes one.
func withUnixAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result
{
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

extension JSONValue {
  var event: String { self["event"]?.stringValue ?? "" }

  /// Whether no further event carries this id.
  var isLast: Bool { ["done", "result", "error"].contains(event) }

  /// The stable code of an error event; nil for any other.
  var errorCode: String? { self["error"]?["code"]?.stringValue }

  var message: String { self["error"]?["message"]?.stringValue ?? "" }

  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

  /// The value without what may differ between two runs: ids, durations, and what the cache spared.
  var comparable: JSONValue {
    switch self {
    case .object(let object):
      let kept = object.members.filter { !["id", "timings", "usage", "file"].contains($0.name) }
      return .object(JSONObject(members: kept.map { .init(name: $0.name, value: $0.value.comparable) }))
    case .array(let elements): return .array(elements.map(\.comparable))
    case .null, .bool, .integer, .unsigned, .number, .string: return self
    }
  }
}
