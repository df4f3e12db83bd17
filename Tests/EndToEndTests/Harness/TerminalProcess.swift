import Glibc
import Processes

/// A program in a terminal of its own, at which the test types.
final class TerminalProcess {
  private let process: SpawnedProcess
  private let terminal: CInt
  /// Everything that the terminal has shown.
  private(set) var screen = ""
  private var unread: [UInt8] = []

  init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
    var (outer, inner): (CInt, CInt) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&outer, &inner, &name, nil, nil) == 0 else {
      throw HarnessError("no terminal: \(String(cString: strerror(errno)))")
    }
    terminal = outer
    for end in [outer, inner] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(outer, F_SETFL, O_NONBLOCK)
    let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The child opens the terminal by its name, which makes it the child's own.
    defer { close(inner) }
    process = try SpawnedProcess(
      program, arguments, environment: ["TERM": "xterm"].merging(environment) { $1 },
      files: .init(terminal: path))
  }

  deinit { close(terminal) }

  /// Types text; `\u{3}` is Ctrl-C, `\u{4}` Ctrl-D.
  func type(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard write(terminal, bytes, bytes.count) == bytes.count else { throw HarnessError("cannot type") }
  }

  /// Waits until the terminal shows `text` behind what was waited for before.
  func expect(_ text: String, seconds: Double = 20) throws {
    let seen = try eventually(seconds: seconds) {
      look()
      guard let range = screen[mark...].firstRange(of: text) else { return false }
      mark = range.upperBound
      return true
    }
    guard seen else { throw HarnessError("the terminal never showed '\(text)': \(screen.suffix(600))") }
  }

  /// What the terminal showed since the last ``expect(_:seconds:)``.
  var rest: String {
    look()
    return String(screen[mark...])
  }

  func wait(seconds: Double = 20) throws -> ProcessEnd {
    var end: ProcessEnd?
    let ended = try eventually(seconds: seconds) {
      look()
      end = process.poll()
      return end != nil
    }
    guard ended, let end else { throw HarnessError("it did not end: \(screen.suffix(600))") }
    return end
  }

  private lazy var mark = screen.startIndex

  private func look() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = read(terminal, &buffer, buffer.count), count > 0 { unread += buffer[..<count] }
    // A character may arrive in two parts.
    guard let text = String(validating: unread, as: UTF8.self), !text.isEmpty else { return }
    let distance = screen.utf8.distance(from: screen.startIndex, to: mark)
    screen += text
    mark = screen.utf8.index(screen.startIndex, offsetBy: distance)
    unread = []
  }
}
