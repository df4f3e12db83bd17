import JSON

/// What a template is rendered with.
package struct ChatInput: Sendable {
  /// The conversation. None of its bytes are ever the template's.
  package var messages: JSONValue
  /// The tools that are offered, or nil; a message's bytes as well.
  package var tools: JSONValue?
  /// Whether the text ends where the model's answer begins.
  package var addGenerationPrompt: Bool
  /// Texts that belong to the model, such as `bos_token`; they count as the template's.
  package var tokens: [String: String]
  /// Further variables that a request gives, such as `enable_thinking`; a message's bytes.
  package var options: JSONObject
  /// What `strftime_now` tells.
  package var clock: TemplateClock

  package init(
    messages: JSONValue, tools: JSONValue? = nil, addGenerationPrompt: Bool = true,
    tokens: [String: String] = [:], options: JSONObject = .init(), clock: TemplateClock
  ) {
    (self.messages, self.tools, self.addGenerationPrompt) = (messages, tools, addGenerationPrompt)
    (self.tokens, self.options, self.clock) = (tokens, options, clock)
  }

  /// The variables by name. A request's options replace none of the others.
  func values(_ meter: Meter) throws(TemplateError) -> [String: Value] {
    var values: [String: Value] = [:]
    for member in options.members { values[member.name] = try Value(message: member.value, meter) }
    for (name, text) in tokens { values[name] = .template(text) }
    values["messages"] = try Value(message: messages, meter)
    values["tools"] =
      try tools.map { tools throws(TemplateError) in try Value(message: tools, meter) } ?? Value.none
    values["add_generation_prompt"] = .bool(addGenerationPrompt)
    return values
  }
}
