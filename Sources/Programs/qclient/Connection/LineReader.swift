import Glibc
import JSON
import Transport

/// Lines of standard input, read as they come, until it ends or the user interrupts.
struct LineReader {
  enum Input: Equatable {
    case line(String)
    case interrupted
    case end
  }
  let descriptor: CInt
  private var bytes: [UInt8] = []
  /// Where the search for a newline goes on.
  private var searched = 0
  private var hasEnded = false

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// The next line, without its newline; the last need not have one.
  ///
  /// - Parameter interrupt: Becomes readable when the user interrupts, which drops what was typed of a line.
  mutating func next(interruptedBy interrupt: CInt?) throws(ClientFailure) -> Input {
    while true {
      if let end = bytes[searched...].firstIndex(of: 10) { return .line(try take(end, newline: 1)) }
      searched = bytes.count
      if hasEnded {
        return bytes.isEmpty ? .end : .line(try take(bytes.count, newline: 0))
      }
      if isInterrupted(interrupt) {
        drop(bytes.count)
        return .interrupted
      }
      try readMore()
    }
  }

  /// Waits for input or an interrupt; true for an interrupt.
  private func isInterrupted(_ interrupt: CInt?) -> Bool {
    var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    if let interrupt { waits.append(pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0)) }
    while poll(&waits, nfds_t(waits.count), -1) < 0, errno == EINTR {}
    return waits.count > 1 && waits[1].revents != 0
  }

  private mutating func readMore() throws(ClientFailure) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { return }
    guard count >= 0 else { throw .file(SystemFailure("read", "standard input")) }
    hasEnded = count == 0
    bytes += buffer[..<count]
    guard bytes.count <= JSONLimits.lineBytes else {
      drop(bytes.count)
      throw .badInput("a line of standard input has more than \(JSONLimits.lineBytes) bytes")
    }
  }

  private mutating func take(_ count: Int, newline: Int) throws(ClientFailure) -> String {
    defer { drop(count + newline) }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw .badInput("standard input is not valid UTF-8; only text can be sent")
    }
    return text
  }

  private mutating func drop(_ count: Int) {
    bytes.removeFirst(count)
    searched = 0
  }
}
