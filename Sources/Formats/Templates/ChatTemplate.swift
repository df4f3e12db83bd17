import JSON
import Vocabulary

/// A chat template: a program in the language Jinja that writes a conversation as one text for a model.
///
/// It is read once and can be rendered by several threads at a time.
package struct ChatTemplate: Sendable {
  /// The names that the template reads and does not set itself, in alphabetical order: what a caller can give it.
  ///
  /// Functions of the language are not among them.
  package let variables: [String]

  private let statements: [Statement]
  private let names: [String]

  /// - Throws: ``TemplateError`` with the line of what is wrong or not implemented.
  /// - Complexity: O(source); a source of more than ``TemplateLimits/sourceBytes`` is not read.
  package init(_ source: String) throws(TemplateError) {
    let count = source.utf8.count
    guard count <= TemplateLimits.sourceBytes else {
      throw .limit(line: 1, .source(bytes: count, limit: TemplateLimits.sourceBytes))
    }
    var parser = Parser(try Lexer.tokens(of: source))
    statements = try parser.template()
    let names = parser.names.names
    self.names = names
    variables = parser.names.free.map { names[Int($0)] }.filter { GlobalFunction(rawValue: $0) == nil }
      .sorted()
  }

  /// Whether the template reads `name`, so that giving it a value can change the result.
  package func reads(_ name: String) -> Bool { variables.contains(name) }

  /// Whether the template writes the tools of a request anywhere.
  package var supportsTools: Bool { reads("tools") }

  /// The conversation as the model reads it.
  ///
  /// - Throws: ``TemplateError`` where the template refuses the conversation, fails on it or reaches a limit.
  package func render(
    _ input: ChatInput, limits: TemplateLimits = .init()
  ) throws(TemplateError) -> PromptText {
    let meter = Meter(limits)
    let values = try input.values(meter)
    var globals: [Value?] = []
    globals.reserveCapacity(names.count)
    for name in names { globals.append(values[name] ?? GlobalFunction(rawValue: name).map(Value.function)) }
    let renderer = Renderer(globals: globals, names: names, clock: input.clock, meter)
    return try renderer.render(statements)
  }
}
