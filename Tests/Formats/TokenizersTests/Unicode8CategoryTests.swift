import Testing

@testable import Tokenizers

@Suite("Tokenizer categories of Unicode 8")
struct Unicode8CategoryTests {
  @Test("leave out what came later, and keep what moved since")
  func versions() {
    // A full stop, a comma of Unicode 1; brackets of Unicode 14; a full stop that became a symbol.
    let isPunctuation = [0x2e, 0x3001, 0x2e55, 0x166d].map { Unicode8Category($0).isPunctuation }
    #expect(isPunctuation == [true, true, false, true])
    // Acute; a mark of Unicode 14; a letter that became a mark; a mark that became a spacing one.
    let isMark = [0x301, 0x898, 0x1885, 0x1734].map { Unicode8Category($0).isNonspacingMark }
    #expect(isMark == [true, false, false, true])
    // A soft hyphen; a sign of Unicode 14; a letter.
    #expect([0xad, 0x890, 0x61].map { Unicode8Category($0).isOther } == [true, false, false])
  }
}
