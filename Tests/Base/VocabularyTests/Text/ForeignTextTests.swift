import Testing

@testable import Vocabulary

@Suite("Foreign text")
struct ForeignTextTests {
  @Test(
    "is one line, whatever it holds",
    arguments: [
      ("great white shark, Carcharodon carcharias", "great white shark, Carcharodon carcharias"),
      ("a\tb\r\nship  99.9 %", "a b  ship  99.9 %"), ("\u{1B}[31mred", "\u{FFFD}[31mred"),
      ("\u{202E}abc\u{2066}", "\u{FFFD}abc\u{FFFD}"), ("one\u{2028}two\u{2029}", "one two "),
      ("\u{9B}2J\u{7F}", "\u{FFFD}2J\u{FFFD}"), ("שלום 👩‍👩‍👧", "שלום 👩‍👩‍👧"),
    ])
  func oneLine(text: String, line: String) { #expect(text.oneLine == line) }
}
