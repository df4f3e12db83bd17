import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Templates

@Suite("Templates against jinja2")
struct DifferentialTemplateTests {
  /// A template with what Python's jinja2 makes of it; `Tests/Fixtures/templates/make_cases.py` wrote them.
  struct Case {
    let template: String
    /// Nil where jinja2 fails.
    let expected: String?
  }

  @Test("small templates of every feature give what jinja2 gives, or are refused where it fails")
  func equalsJinja() throws {
    let file = try JSONValue(
      parsing: Array(
        try #require(FileManager.default.contents(atPath: "\(Golden.folder)/templates/cases.json"))))
    let input = try Self.input(#require(file["input"]))
    guard case .array(let cases)? = file["cases"] else {
      throw JSONSyntaxError(offset: 0, problem: .expected("cases"))
    }
    #expect(cases.count > 150)
    for value in cases {
      let source = try #require(value["template"]?.stringValue)
      let result = Result { () throws(TemplateError) in try ChatTemplate(source).render(input).text }
      switch (result, value["expected"]?.stringValue) {
      case (.success(let text), let expected?): #expect(text == expected, "\(source)")
      case (.failure, nil): break
      case (.failure(let error), let expected?):
        Issue.record("\(source) is refused (\(error)), not \(expected)")
      case (.success(let text), nil): Issue.record("\(source) is not refused, but gives \(text)")
      }
    }
  }

  private static func input(_ value: JSONValue) -> ChatInput {
    var options = JSONObject()
    if case .object(let object) = value {
      let others = object.members.filter {
        !["messages", "tools", "add_generation_prompt"].contains($0.name)
      }
      options = JSONObject(members: others)
    }
    return ChatInput(
      messages: value["messages"] ?? .null, tools: value["tools"],
      addGenerationPrompt: value["add_generation_prompt"] == .bool(true), options: options,
      clock: GoldenTemplate.clock)
  }
}
