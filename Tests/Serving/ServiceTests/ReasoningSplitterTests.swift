import TestSupport
import Testing

@testable import Service

@Suite("Thoughts and answers")
struct ReasoningSplitterTests {
  /// Everything that was thought and everything that was answered.
  private func split(_ pieces: [String], isThinking: Bool = false) -> (reasoning: String, answer: String) {
    var splitter = ReasoningSplitter(isThinking: isThinking)
    var (reasoning, answer) = ("", "")
    for part in pieces.flatMap({ splitter.append($0) }) + splitter.finish() {
      switch part {
      case .reasoning(let text): reasoning += text
      case .answer(let text): answer += text
      }
    }
    return (reasoning, answer)
  }

  private static let cases: [(text: String, isThinking: Bool, reasoning: String, answer: String)] = [
    ("plain", false, "", "plain"), ("", false, "", ""),
    ("<think>\nhm\n\nhm\n</think>\n\nyes\n", false, "hm\n\nhm", "yes\n"),
    ("hm</think>yes", true, "hm", "yes"), ("\nhm\n</think>\n\nyes", true, "hm", "yes"),
    ("<think></think>yes", false, "", "yes"), ("<think>\n\n</think>\n\nyes", false, "", "yes"),
    ("a<think>b</think>c<think>d", false, "bd", "ac"),
    ("a < b <thin </think> <think", false, "", "a < b <thin </think> <think"),
    ("hm <think> </thin", true, "hm <think> </thin", ""), ("hm\n\n", true, "hm\n\n", ""),
    ("<think>é\u{1F642}</think>\u{1F642}é", false, "é\u{1F642}", "\u{1F642}é"),
    ("<<think>x<</think>>", false, "x<", "<>"),
  ]

  @Test("text is split at its tags, however it comes in pieces", arguments: cases)
  func pieces(text: String, isThinking: Bool, reasoning: String, answer: String) {
    var random = SeededGenerator()
    let characters = text.map(String.init)
    for round in 0..<50 {
      var pieces: [String] = [""]
      for character in characters {
        if round == 0 || Bool.random(using: &random) { pieces.append("") }
        pieces[pieces.count - 1] += character
      }
      let found = split(pieces, isThinking: isThinking)
      #expect(found.reasoning == reasoning && found.answer == answer, "\(pieces), \(random)")
    }
  }

  @Test("text that cannot begin a tag is told at once")
  func promptness() {
    var splitter = ReasoningSplitter(isThinking: false)
    #expect(splitter.append("a <") == [.answer("a ")])
    #expect(splitter.append("b") == [.answer("<b")])
    #expect(splitter.append("<think>c\n") == [.reasoning("c")])
    #expect(splitter.append("d</think>e") == [.reasoning("\nd"), .answer("e")])
  }
}
