import Glibc
import Transport
import Vocabulary

/// The program's streams and surroundings; tests give it files and a made-up environment.
final class Console {
  let input: CInt
  private let output: CInt
  private let error: CInt
  let variable: (String) -> String?
  /// Whether results go to a person's terminal.
  let outputIsTerminal: Bool
  /// Whether somebody at a terminal sees progress on stderr.
  let errorIsTerminal: Bool
  /// Set once the command line is read.
  var isQuiet = false
  var allowsColor: Bool

  init(
    input: CInt = STDIN_FILENO, output: CInt = STDOUT_FILENO, error: CInt = STDERR_FILENO,
    variable: @escaping (String) -> String? = processEnvironment
  ) {
    self.input = input
    self.output = output
    self.error = error
    self.variable = variable
    outputIsTerminal = isatty(output) == 1
    errorIsTerminal = isatty(error) == 1
    // https://no-color.org: set and not empty means no.
    allowsColor = (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
  }

  /// Writes a part of the result at once; no buffer delays a token.
  func write(_ text: String) throws(ClientFailure) {
    try write(Array((outputIsTerminal ? Self.harmless(text) : text).utf8))
  }

  /// Writes one line of the result.
  func line(_ text: String) throws(ClientFailure) {
    try write(text + "\n")
  }

  /// Writes bytes and a newline, as they are.
  func line(_ bytes: [UInt8]) throws(ClientFailure) {
    try write(bytes + [UInt8(ascii: "\n")])
  }

  private func write(_ bytes: [UInt8]) throws(ClientFailure) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(output, $0.baseAddress.map { $0 + sent }, $0.count - sent)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .output(SystemFailure("write", "the result")) }
      sent += count
    }
  }

  /// Writes a line on stderr.
  func note(_ text: String) {
    let bytes = Array(((errorIsTerminal ? Self.harmless(text) : text) + "\n").utf8)
    _ = Glibc.write(error, bytes, bytes.count)
  }

  /// Writes progress on stderr, but only if that is a terminal.
  func progress(_ text: String) {
    if errorIsTerminal, !isQuiet { note(text) }
  }

  /// Writes what is no part of the answer itself, dim on a terminal that allows colours.
  func aside(_ text: String) throws(ClientFailure) {
    guard outputIsTerminal, allowsColor else { return try write(text) }
    try write(Array("\u{1B}[2m\(Self.harmless(text))\u{1B}[0m".utf8))
  }

  /// Writes a heading, in bold on a terminal that allows colours.
  func heading(_ text: String) throws(ClientFailure) {
    guard outputIsTerminal, allowsColor else { return try line(text) }
    try write(Array("\u{1B}[1m\(Self.harmless(text))\u{1B}[0m\n".utf8))
  }

  /// `text` without what drives a terminal, because a model's words must not control the terminal.
  private static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmful($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    scalar.drivesTerminal && scalar != "\n" && scalar != "\t"
  }
}
