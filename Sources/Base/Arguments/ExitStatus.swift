/// The status with which a program ends: 0, those of sysexits(3), and 128 + n for what signal n interrupted.
package enum ExitStatus: Int32, Sendable {
  case success = 0
  /// The command line makes no sense.
  case usage = 64
  /// The content of a file or a request cannot be used.
  case badData = 65
  /// A file or a model is not there.
  case noInput = 66
  /// No daemon answers, or what it serves with is damaged.
  case unavailable = 69
  /// The program is at fault.
  case `internal` = 70
  /// The output cannot be made.
  case cannotCreate = 73
  /// Reading or writing failed halfway.
  case inputOutput = 74
  /// The same command may succeed later.
  case tryLater = 75
  /// The other side of a connection said what makes no sense.
  case badProtocol = 76
  /// The person may not do that.
  case permission = 77
  /// The configuration or a variable cannot be used.
  case badConfiguration = 78
  /// SIGINT ended it.
  case interrupted = 130
  /// SIGPIPE ended it: the reader of the output left.
  case brokenPipe = 141
}
