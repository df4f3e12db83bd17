import Testing

@testable import Arguments

@Suite("Command lines")
struct ParsedArgumentsTests {
  private static let options = [
    ArgumentOption("--json"), ArgumentOption("--model", short: "-m", value: "NAME"),
    ArgumentOption("--stop", value: "TEXT", repetition: .all),
    ArgumentOption("--output", short: "-o", value: "FILE", repetition: .refused),
    ArgumentOption("--threads", value: "N"),
  ]

  private func parse(_ words: String...) throws(UsageError) -> ParsedArguments {
    try ParsedArguments(words, options: Self.options)
  }

  @Test("options stand anywhere, with = or a space, until --; - is an operand")
  func places() throws {
    let parsed = try parse("a", "--json", "-", "-m", "x", "--threads=3", "--", "--json", "-m")
    #expect(parsed.operands == ["a", "-", "--json", "-m"])
    #expect(parsed.has("--json") && parsed["--model"] == "x")
    #expect(try parsed.integer("--threads", in: 1...4) == 3)
    #expect(parsed.given == ["--json", "--model", "--threads"])
  }

  @Test("a repeated option counts last, counts wholly, or is refused")
  func repetition() throws {
    let parsed = try parse("--model", "a", "-m=b", "--stop", "x", "--stop=", "--stop", "z")
    #expect(parsed["--model"] == "b" && parsed.all("--stop") == ["x", "", "z"])
    #expect(throws: UsageError("--output is given twice")) { try parse("-o", "a", "--output", "a") }
  }

  @Test("mistakes are named, and near misses get a suggestion")
  func mistakes() {
    #expect(throws: UsageError("unknown option '--modle'; did you mean '--model'?")) {
      try parse("--modle", "x")
    }
    #expect(throws: UsageError("unknown option '-x'")) { try parse("-x") }
    #expect(throws: UsageError("--json takes no value")) { try parse("--json=1") }
    #expect(throws: UsageError("-m needs a value: NAME")) { try parse("-m") }
    #expect(throws: UsageError("--threads takes an integer in 1...4, not '5'")) {
      try parse("--threads", "5").integer("--threads", in: 1...4)
    }
    #expect(throws: UsageError("--threads takes a number in 0.0...1.0, not 'nan'")) {
      try parse("--threads", "nan").number("--threads", in: 0...1)
    }
  }

  @Test("a suggestion's question mark ends the sentence")
  func punctuation() {
    #expect(UsageError("no verb given").text(trying: "qclient help") == "no verb given. Try: qclient help")
    #expect(UsageError("did you mean 'a'?").text(trying: "x") == "did you mean 'a'? Try: x")
  }
}
