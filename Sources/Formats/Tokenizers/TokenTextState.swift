import Vocabulary

/// Where the decoder of one text stands.
struct TokenTextState: Sendable {
  private let tokenizer: Tokenizer
  private var isFirst: Bool
  /// How much the text may still lose at its beginning.
  private var leading: Int
  /// A token whose end depends on whether another follows.
  private var held: [UInt8]?
  /// Bytes of a run that is judged as a whole.
  private var run: [UInt8] = []
  /// Whether runs of bytes wait for their end.
  private let judgesRuns: Bool

  /// - Parameters:
  ///   - afterPrompt: Whether tokens have gone before.
  ///   - streams: Whether text is wanted as soon as possible: bytes are then written at once.
  init(_ tokenizer: Tokenizer, afterPrompt: Bool, streams: Bool) {
    self.tokenizer = tokenizer
    isFirst = !afterPrompt
    leading = afterPrompt ? 0 : tokenizer.decoder.leading.count
    judgesRuns = tokenizer.decoder.judgesRuns && !streams
  }

  /// Adds what is certain once `id` has come.
  mutating func append(_ id: TokenID, to output: inout [UInt8]) {
    switch tokenizer.reading(of: id) {
    case .nothing: break
    case .byte(let byte):
      flushHeld(isLast: false, to: &output)
      if judgesRuns { run.append(byte) } else { write([byte], to: &output) }
    case .text(let text):
      flushRun(to: &output)
      flushHeld(isLast: false, to: &output)
      if tokenizer.decoder.wordEnd.isEmpty { process(text, to: &output) } else { held = text }
    }
  }

  /// Adds what waited for more.
  mutating func finish(to output: inout [UInt8]) {
    flushRun(to: &output)
    flushHeld(isLast: true, to: &output)
  }

  private mutating func flushRun(to output: inout [UInt8]) {
    guard !run.isEmpty else { return }
    let isText = String(validating: run, as: UTF8.self) != nil
    process(isText ? run : run.flatMap { _ in [0xef, 0xbf, 0xbd] as [UInt8] }, to: &output)
    run.removeAll()
  }

  private mutating func flushHeld(isLast: Bool, to output: inout [UInt8]) {
    guard let token = held else { return }
    held = nil
    let end = isLast ? [] : [UInt8(ascii: " ")]
    process(TokenDecoder.replace(.literal(tokenizer.decoder.wordEnd), in: token, by: end), to: &output)
  }

  private mutating func process(_ token: [UInt8], to output: inout [UInt8]) {
    write(tokenizer.decoder.text(of: token, isFirst: isFirst), to: &output)
  }

  private mutating func write(_ text: [UInt8], to output: inout [UInt8]) {
    isFirst = false
    var rest = text[...]
    let content = tokenizer.decoder.leading.content
    while leading > 0, !rest.isEmpty {
      guard !content.isEmpty, rest.starts(with: content) else {
        leading = 0
        break
      }
      rest = rest.dropFirst(content.count)
      leading -= 1
    }
    output += rest
  }
}
