import JSON

/// Messages that the model's template makes a prompt of, and what else the template is told.
package struct Conversation: Sendable, Equatable {
  package var messages: [ChatMessage]
  /// Descriptions of tools, as the template expects them.
  package var tools: [JSONValue]
  /// Further variables of the template, such as `enable_thinking`.
  package var options: JSONObject
  /// Whether the template opens the assistant's turn; nil means ``opensAnswer``'s default.
  package var addsGenerationPrompt: Bool?

  package init(
    messages: [ChatMessage], tools: [JSONValue] = [], options: JSONObject = JSONObject(),
    addsGenerationPrompt: Bool? = nil
  ) {
    self.messages = messages
    self.tools = tools
    self.options = options
    self.addsGenerationPrompt = addsGenerationPrompt
  }

  /// Whether the template opens the assistant's turn: as the request says, and where it is silent, if the last message
  /// is one that the assistant answers.
  package var opensAnswer: Bool {
    addsGenerationPrompt ?? (messages.last.map { $0.role == .user || $0.role == .tool } ?? false)
  }

  /// What a conversation may be.
  package enum Allowed {
    package static let messages = 1...4096
    package static let tools = 0...512
    package static let options = 0...64
  }
}

extension Conversation {
  /// The conversation of a request; nil when it has no `messages`.
  init?(_ fields: inout Fields) throws(WireError) {
    let elements = try fields.array("messages", count: Allowed.messages)
    let tools = try fields.array("tools", count: Allowed.tools)
    let options = try Self.options(&fields)
    let opens = try fields.bool("add_generation_prompt")
    guard let elements else {
      let given = [("tools", tools != nil), ("template_options", options != nil)]
      let stray = (given + [("add_generation_prompt", opens != nil)]).first { $0.1 }?.0
      guard let stray else { return nil }
      throw WireError(.badRequest, "'\(stray)' is for the template, which needs 'messages'", parameter: stray)
    }
    self.init(
      messages: try Self.messages(elements), tools: tools ?? [], options: options ?? JSONObject(),
      addsGenerationPrompt: opens)
  }

  private static func messages(_ elements: [JSONValue]) throws(WireError) -> [ChatMessage] {
    var messages: [ChatMessage] = []
    messages.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(WireError) {
        messages.append(try ChatMessage(json: element))
      } catch {
        throw WireError(error.code, "messages[\(index)]: \(error.message)", parameter: "messages")
      }
    }
    return messages
  }

  private static func options(_ fields: inout Fields) throws(WireError) -> JSONObject? {
    guard let value = fields.value("template_options") else { return nil }
    guard case .object(let object) = value, Allowed.options.contains(object.members.count) else {
      let most = Allowed.options.upperBound
      throw fields.mismatch("template_options", value, "an object of at most \(most) members")
    }
    let reserved = ["messages", "tools", "add_generation_prompt"]
    if let member = object.members.first(where: { reserved.contains($0.name) }) {
      throw WireError(
        .badRequest, "'\(member.name)' is a field of the request, not one of 'template_options'",
        parameter: "template_options")
    }
    return object
  }

  var members: KeyValuePairs<String, JSONValue?> {
    [
      "messages": messages.json, "tools": tools.isEmpty ? nil : .array(tools),
      "template_options": options.members.isEmpty ? nil : .object(options),
      "add_generation_prompt": addsGenerationPrompt.map { .bool($0) },
    ]
  }
}
