/// Makes lines of input into turns: a message of one line or several, or a command. No input or output.
struct TurnAssembler {
  enum Turn: Equatable {
    case message(String)
    case command(ChatCommand)
  }
  private static let quotes = "\"\"\""
  private var lines: [String] = []
  private var isQuoted = false

  /// Whether a message has begun and not ended.
  var isOpen: Bool { isQuoted || !lines.isEmpty }

  /// Takes a line without its newline; returns the turn that it ends, if it ends one. Empty lines between turns are nothing.
  mutating func take(_ line: String) throws(ClientFailure) -> Turn? {
    if isQuoted { return takeQuoted(line) }
    guard isOpen else { return try begin(line) }
    return takePlain(line)
  }

  /// The message that the end of the input ends.
  mutating func finish() -> Turn? { isOpen ? close() : nil }

  /// Forgets a message that has begun.
  mutating func drop() { self = Self() }

  private mutating func begin(_ line: String) throws(ClientFailure) -> Turn? {
    if line.hasPrefix("//") { return takePlain(String(line.dropFirst())) }
    if line.hasPrefix("/") { return .command(try ChatCommand(line: line)) }
    if line.hasPrefix(Self.quotes) {
      isQuoted = true
      let rest = String(line.dropFirst(Self.quotes.count))
      return rest.isEmpty ? nil : takeQuoted(rest)
    }
    return line.allSatisfy(\.isWhitespace) ? nil : takePlain(line)
  }

  private mutating func takePlain(_ line: String) -> Turn? {
    guard line.hasSuffix("\\") else {
      lines.append(line)
      return close()
    }
    lines.append(String(line.dropLast()))
    return nil
  }

  private mutating func takeQuoted(_ line: String) -> Turn? {
    guard line.hasSuffix(Self.quotes) else {
      lines.append(line)
      return nil
    }
    let rest = String(line.dropLast(Self.quotes.count))
    if !rest.isEmpty { lines.append(rest) }
    return close()
  }

  private mutating func close() -> Turn {
    defer { drop() }
    return .message(lines.joined(separator: "\n"))
  }
}
