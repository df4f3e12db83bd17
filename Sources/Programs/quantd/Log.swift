import Glibc
import Settings
import Vocabulary

/// Writes lines on standard error: with priorities for the journal, with the program's name for a terminal.
///
/// Nothing that a client sent is ever logged.
struct Log: Sendable {
  private let level: LogLevel
  private let isJournal: Bool

  init(_ level: LogLevel) {
    self.level = level
    isJournal = getenv("JOURNAL_STREAM") != nil
  }

  func write(_ level: LogLevel, _ message: String) {
    guard level <= self.level else { return }
    var line = (isJournal ? "<\(priority(level))>" : "quantd: ") + message.oneLine + "\n"
    line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// As syslog(3) numbers them.
  private func priority(_ level: LogLevel) -> Int {
    switch level {
    case .error: 3
    case .warning: 4
    case .info: 6
    case .debug: 7
    }
  }
}
