import Testing

@testable import Engine

@Suite("Stop strings")
struct StopFinderTests {
  struct Case: Sendable, CustomStringConvertible {
    let text: String
    let stops: [String]
    /// What may be shown.
    let shown: String
    let stopped: Bool
    var description: String { "\(text) / \(stops)" }
  }

  static let cases = [
    Case(text: "one two three", stops: ["two"], shown: "one ", stopped: true),
    Case(text: "one two three", stops: ["four"], shown: "one two three", stopped: false),
    Case(text: "one two three", stops: [], shown: "one two three", stopped: false),
    Case(text: "one two three", stops: [""], shown: "one two three", stopped: false),
    Case(text: "aaab", stops: ["aab"], shown: "a", stopped: true),
    Case(text: "ababac", stops: ["abac"], shown: "ab", stopped: true),
    Case(text: "abcd", stops: ["bcd", "bc"], shown: "a", stopped: true),
    Case(text: "abcd", stops: ["cd", "abcx"], shown: "ab", stopped: true),
    Case(text: "xyz", stops: ["z"], shown: "xy", stopped: true),
    Case(text: "stop", stops: ["stop"], shown: "", stopped: true),
    Case(
      text: "ends with a beginning: sto", stops: ["stop"], shown: "ends with a beginning: sto", stopped: false
    ),
    Case(text: "é😀ü", stops: ["😀"], shown: "é", stopped: true),
    Case(text: "\n\nUser:", stops: ["\n\n"], shown: "", stopped: true),
  ]

  @Test("are found however the text is cut into pieces", arguments: cases)
  func splits(_ example: Case) {
    let letters = Array(example.text)
    for mask in 0..<(1 << min(letters.count - 1, 11)) {
      var (finder, shown, stopped) = (StopFinder(example.stops), "", false)
      for piece in Self.pieces(letters, cuts: mask) where !stopped {
        switch finder.append(piece) {
        case .text(let text): shown += text
        case .stopped(let text): (shown, stopped) = (shown + text, true)
        }
      }
      if !stopped { shown += finder.finish() }
      #expect(shown == example.shown && stopped == example.stopped, "cuts \(mask): '\(shown)'")
    }
  }

  @Test("hold back only what may still become one")
  func heldBack() {
    var finder = StopFinder(["stop", "\n\n"])
    #expect(finder.append("the st") == .text("the "))
    #expect(finder.append("ar\n") == .text("star"))
    #expect(finder.append("x") == .text("\nx"))
    #expect(finder.append("s") == .text(""))
    #expect(finder.finish() == "s")
    #expect(finder.finish() == "")
  }

  private static func pieces(_ letters: [Character], cuts: Int) -> [String] {
    var pieces = [""]
    for (index, letter) in letters.enumerated() {
      if index > 0, cuts >> (index - 1) & 1 == 1 { pieces.append("") }
      pieces[pieces.count - 1].append(letter)
    }
    return pieces
  }
}
