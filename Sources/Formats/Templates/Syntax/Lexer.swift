/// Cuts a source into tokens, and removes white space around tags as `trim_blocks` and `lstrip_blocks` do.
struct Lexer {
  let source: MarkedString
  var position = 0
  var line = 1
  var tokens: [Token] = []

  /// - Throws: Where a tag or string does not end, or a character has no meaning.
  /// - Complexity: O(source).
  static func tokens(of source: String) throws(TemplateError) -> [Token] {
    var lexer = Lexer(source)
    while lexer.position < lexer.source.count { try lexer.lexTextAndTag() }
    lexer.append(.end)
    return lexer.tokens
  }

  private init(_ text: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var previous: UInt8 = 0
    for byte in text.utf8 {
      // A line ends with "\r", "\n" or both, and is kept with "\n".
      if byte == 0x0D { bytes.append(0x0A) } else if byte != 0x0A || previous != 0x0D { bytes.append(byte) }
      previous = byte
    }
    // One end of line at the end is no part of the template.
    if bytes.last == 0x0A { bytes.removeLast() }
    source = MarkedString(bytes: bytes, byTemplate: true)
  }

  mutating func append(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

  func byte(_ offset: Int) -> UInt8 { offset < source.count ? source.bytes[offset] : 0 }

  func text(_ range: Range<Int>) -> String { String(decoding: source.bytes[range], as: UTF8.self) }

  func starts(with mark: StaticString, at offset: Int) -> Bool {
    guard offset + mark.utf8CodeUnitCount <= source.count else { return false }
    for index in 0..<mark.utf8CodeUnitCount where source.bytes[offset + index] != mark.utf8Start[index] {
      return false
    }
    return true
  }

  /// Where white space that begins at `offset` ends.
  func endOfSpace(_ offset: Int) -> Int {
    var offset = offset
    while offset < source.count {
      let (scalar, length) = source.scalar(at: offset)
      guard scalar.isPythonSpace else { break }
      offset += length
    }
    return offset
  }

  /// Goes to `end` and counts the lines on the way.
  mutating func advance(to end: Int) {
    for byte in source.bytes[position..<end] where byte == 0x0A { line += 1 }
    position = end
  }

  // MARK: Text and tags

  private mutating func lexTextAndTag() throws(TemplateError) {
    guard let tag = nextTag(position) else {
      append(.data(text(position..<source.count)))
      position = source.count
      return
    }
    let mark = byte(tag + 1)
    appendText(before: tag, isOutput: mark == UInt8(ascii: "{"))
    switch mark {
    case UInt8(ascii: "#"): try skipComment()
    case UInt8(ascii: "%"):
      if let start = rawStart(tag) { try lexRaw(from: start) } else { try lexTag(isBlock: true) }
    default: try lexTag(isBlock: false)
    }
  }

  private func nextTag(_ start: Int) -> Int? {
    var offset = start
    while offset + 1 < source.count {
      if source.bytes[offset] == UInt8(ascii: "{") {
        switch source.bytes[offset + 1] {
        case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"): return offset
        default: break
        }
      }
      offset += 1
    }
    return nil
  }

  /// The length of a tag's begin, with the sign that says what happens to the white space before it.
  private func beginLength(_ tag: Int) -> Int { isSign(byte(tag + 2)) ? 3 : 2 }

  private func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

  /// Appends the text from here to a tag, and goes behind the tag's begin.
  private mutating func appendText(before tag: Int, isOutput: Bool) {
    var end = tag
    let sign = byte(tag + 2)
    if sign == UInt8(ascii: "-") {
      while end > position {
        let (scalar, length) = source.scalar(before: end)
        guard scalar.isPythonSpace else { break }
        end -= length
      }
    } else if !isOutput, sign != UInt8(ascii: "+") {
      end = endWithoutIndentation(before: tag)
    }
    if end > position { append(.data(text(position..<end))) }
    advance(to: tag)
    position += beginLength(tag)
  }

  /// Where the text before a block ends if only white space stands between the line's begin and the block.
  private func endWithoutIndentation(before tag: Int) -> Int {
    var start = tag
    while start > position, source.bytes[start - 1] != 0x0A { start -= 1 }
    guard start == 0 || source.bytes[start - 1] == 0x0A else { return tag }
    return endOfSpace(start) >= tag ? start : tag
  }

  private mutating func skipComment() throws(TemplateError) {
    var offset = position
    while offset < source.count, !starts(with: "#}", at: offset) { offset += 1 }
    guard offset < source.count else {
      throw .syntax(line: line, found: "the end of the template", expected: "'#}' behind a comment")
    }
    let sign = offset > position ? byte(offset - 1) : 0
    advance(to: offset + 2)
    trim(sign: sign, isBlock: true)
  }

  /// Goes behind the white space that a tag's end takes with it.
  private mutating func trim(sign: UInt8, isBlock: Bool) {
    if sign == UInt8(ascii: "-") {
      advance(to: endOfSpace(position))
    } else if isBlock, sign != UInt8(ascii: "+"), byte(position) == 0x0A {
      advance(to: position + 1)
    }
  }

  // MARK: Raw text

  /// Where the text of a raw block begins, if the tag at `tag` begins one.
  private func rawStart(_ tag: Int) -> Int? {
    var offset = endOfSpace(tag + beginLength(tag))
    guard starts(with: "raw", at: offset) else { return nil }
    offset = endOfSpace(offset + 3)
    if starts(with: "-%}", at: offset) { return endOfSpace(offset + 3) }
    return starts(with: "%}", at: offset) ? offset + 2 : nil
  }

  private mutating func lexRaw(from start: Int) throws(TemplateError) {
    advance(to: start)
    var tag = start
    while tag < source.count {
      if starts(with: "{%", at: tag), let (end, sign) = rawEnd(tag) {
        appendText(before: tag, isOutput: false)
        advance(to: end)
        return trim(sign: sign, isBlock: true)
      }
      tag += 1
    }
    throw .syntax(line: line, found: "the end of the template", expected: "'endraw'")
  }

  /// Where the tag at `tag` ends and what its sign is, if it ends a raw block.
  private func rawEnd(_ tag: Int) -> (end: Int, sign: UInt8)? {
    var offset = endOfSpace(tag + beginLength(tag))
    guard starts(with: "endraw", at: offset) else { return nil }
    offset = endOfSpace(offset + 6)
    if isSign(byte(offset)), starts(with: "%}", at: offset + 1) { return (offset + 3, byte(offset)) }
    return starts(with: "%}", at: offset) ? (offset + 2, 0) : nil
  }

  // MARK: Tags

  private mutating func lexTag(isBlock: Bool) throws(TemplateError) {
    append(isBlock ? .blockBegin : .outputBegin)
    let opening = line
    var brackets: [UInt8] = []
    while true {
      advance(to: endOfSpace(position))
      guard position < source.count else {
        throw .syntax(line: opening, found: "the end of the template", expected: "the end of the tag")
      }
      if brackets.isEmpty, let (length, sign) = tagEnd(isBlock: isBlock) {
        append(isBlock ? .blockEnd : .outputEnd)
        position += length
        return trim(sign: sign, isBlock: isBlock)
      }
      try lexInside(&brackets)
    }
  }

  private func tagEnd(isBlock: Bool) -> (length: Int, sign: UInt8)? {
    let mark: StaticString = isBlock ? "%}" : "}}"
    if starts(with: mark, at: position) { return (2, 0) }
    let sign = byte(position)
    let isEnding = sign == UInt8(ascii: "-") || isBlock && sign == UInt8(ascii: "+")
    return isEnding && starts(with: mark, at: position + 1) ? (3, sign) : nil
  }
}
