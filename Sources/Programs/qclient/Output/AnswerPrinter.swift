import WireProtocol

/// Prints one generation as it comes, and keeps what was said.
///
/// Thoughts are shown to a person at a terminal alone: dim, or between their tags where there are no colours. In a pipe the
/// answer stands alone.
struct AnswerPrinter {
  let console: Console
  let wantsJSON: Bool
  private(set) var text = ""
  private(set) var reasoning = ""
  private var isThinking = false
  private var isAtLineStart = true

  init(console: Console, wantsJSON: Bool) {
    self.console = console
    self.wantsJSON = wantsJSON
  }

  /// Takes an event before the last.
  mutating func take(_ event: Event) throws(ClientFailure) {
    if wantsJSON { try console.line(event.encoded()) }
    switch event.body {
    case .token(let token): try say(token.text)
    case .reasoning(let token): try think(token.text)
    case .done, .result, .progress, .error: break
    }
  }

  /// Takes the last event.
  mutating func finish(_ last: Event) throws(ClientFailure) -> DoneEvent {
    guard case .done(let done) = last.body else { throw .badAnswer("'done' expected") }
    if wantsJSON { try console.line(last.encoded()) }
    if let thoughts = done.reasoning { try think(thoughts) }
    if let answer = done.text { try say(answer) }
    try endLine()
    return done
  }

  /// Ends the line that was begun, so that what follows has its own.
  mutating func endLine() throws(ClientFailure) {
    try stopThinking()
    if !isAtLineStart, !wantsJSON { try console.write("\n") }
    isAtLineStart = true
  }

  private mutating func say(_ piece: String) throws(ClientFailure) {
    guard !piece.isEmpty else { return }
    text += piece
    guard !wantsJSON else { return }
    try stopThinking()
    try console.write(piece)
    isAtLineStart = piece.utf8.last == UInt8(ascii: "\n")
  }

  private mutating func think(_ piece: String) throws(ClientFailure) {
    guard !piece.isEmpty else { return }
    reasoning += piece
    guard console.outputIsTerminal, !wantsJSON else { return }
    if !isThinking, !console.allowsColor { try console.line("<think>") }
    isThinking = true
    try console.aside(piece)
    isAtLineStart = piece.utf8.last == UInt8(ascii: "\n")
  }

  private mutating func stopThinking() throws(ClientFailure) {
    guard isThinking else { return }
    isThinking = false
    if !isAtLineStart { try console.write("\n") }
    isAtLineStart = true
    try console.write(console.allowsColor ? "\n" : "</think>\n")
  }
}
