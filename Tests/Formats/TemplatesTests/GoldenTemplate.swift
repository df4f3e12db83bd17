import FoundationEssentials
import JSON
import TestSupport

@testable import Templates

/// A template of a public model with what Python makes of it.
struct GoldenTemplate: Sendable, CustomStringConvertible {
  /// One conversation.
  struct Case: Sendable {
    let name: String
    let input: ChatInput
    /// The text, or nil where the template refuses the conversation or fails on it.
    let expected: String?
  }

  let name: String
  let source: String
  let cases: [Case]

  var description: String { name }

  /// The pairs of `NAME.jinja` and `NAME.json` in the shared folder.
  static let all: [GoldenTemplate] = {
    let folder = SharedData.path("vectors/chat-templates")
    return files(in: folder).filter { $0.hasSuffix(".jinja") }.sorted().map { file in
      let name = String(file.dropLast(6))
      return GoldenTemplate(
        name: name, source: text("\(folder)/\(file)"),
        cases: cases((try? JSONValue(parsing: Array(text("\(folder)/\(name).json").utf8))) ?? .null))
    }
  }()

  /// 2026-07-26 12:00:00, at which the texts were made.
  static let clock = TemplateClock(localSeconds: 1_785_067_200)

  private static func cases(_ value: JSONValue) -> [Case] {
    guard case .array(let cases) = value else { return [] }
    return cases.map { value in
      var tokens: [String: String] = [:]
      for token in ["bos_token", "eos_token"] { tokens[token] = value[token]?.stringValue }
      var options = JSONObject()
      if case .object(let extra)? = value["extra"] { options = extra }
      let input = ChatInput(
        messages: value["messages"] ?? .array([]), tools: value["tools"],
        addGenerationPrompt: value["add_generation_prompt"] == .bool(true), tokens: tokens, options: options,
        clock: clock)
      return Case(
        name: value["name"]?.stringValue ?? "", input: input, expected: value["expected"]?.stringValue)
    }
  }

  private static func files(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}
