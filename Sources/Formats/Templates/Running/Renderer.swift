import Vocabulary

/// One rendering of a template.
final class Renderer {
  let meter: Meter
  let names: [String]
  let clock: TemplateClock
  /// Values given by the caller, and functions, by name.
  private let globals: [Value?]
  var scope = Scope(parent: nil)
  private var output = MarkedString()
  /// What can hold itself by way of others, and is taken apart at the end so that it is freed without recursion.
  private var namespaces: [Namespace] = []
  private var keptScopes: [Scope] = []

  init(globals: [Value?], names: [String], clock: TemplateClock, _ meter: Meter) {
    (self.globals, self.names, self.clock, self.meter) = (globals, names, clock, meter)
  }

  func render(_ statements: [Statement]) throws(TemplateError) -> PromptText {
    defer {
      for scope in keptScopes { scope.clear() }
      for namespace in namespaces { namespace.clear() }
    }
    _ = try run(statements)
    return output.prompt
  }

  func value(_ id: NameID) -> Value {
    scope.find(id) ?? globals[Int(id)] ?? .undefined("'\(names[Int(id)])'")
  }

  func write(_ text: MarkedString) throws(TemplateError) {
    try meter.make(text.count)
    try meter.checkOutput(output.count + text.count)
    output.append(text)
  }

  /// What `body` writes, instead of writing it.
  func capture(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> MarkedString {
    let outer = output
    output = MarkedString()
    defer { output = outer }
    try body()
    return output
  }

  /// Runs `body` with variables of its own, below `parent`.
  func within<Result>(
    _ inner: Scope, _ body: () throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    let outer = scope
    scope = inner
    defer { scope = outer }
    return try body()
  }

  /// A macro that keeps the present scope.
  func makeMacro(_ definition: MacroDefinition) throws(TemplateError) -> Macro {
    try meter.make(values: 4)
    keptScopes.append(scope)
    return Macro(definition, scope)
  }

  func makeNamespace() throws(TemplateError) -> Namespace {
    try meter.make(values: 4)
    let namespace = Namespace()
    namespaces.append(namespace)
    return namespace
  }
}

extension MarkedString {
  /// The text for a tokenizer.
  fileprivate var prompt: PromptText {
    var prompt = PromptText()
    var position = 0
    for range in templateRanges {
      prompt.append(bytes[position..<range.lowerBound], byTemplate: false)
      prompt.append(bytes[range], byTemplate: true)
      position = range.upperBound
    }
    prompt.append(bytes[position...], byTemplate: false)
    return prompt
  }
}
