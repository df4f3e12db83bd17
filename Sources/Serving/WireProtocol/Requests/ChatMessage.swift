import JSON

/// One message of a conversation, as the model's template gets it.
///
///     {"role": "user", "content": "Name three rivers."}
package struct ChatMessage: Sendable, Equatable {
  package enum Role: String, Sendable, CaseIterable {
    case system, developer, user, assistant, tool
  }

  /// A text, or a list of them. A template sees which of the two it is.
  package enum Content: Sendable, Equatable {
    case text(String)
    case parts([String])
  }

  package var role: Role
  /// nil only for an assistant that calls tools.
  package var content: Content?
  package var name: String?
  /// What an assistant thought before it answered.
  package var reasoning: String?
  /// The calls of an assistant, each an object.
  package var toolCalls: [JSONValue]
  /// The call that a tool's message answers.
  package var toolCallID: String?

  package init(
    role: Role, content: Content?, name: String? = nil, reasoning: String? = nil,
    toolCalls: [JSONValue] = [],
    toolCallID: String? = nil
  ) {
    self.role = role
    self.content = content
    self.name = name
    self.reasoning = reasoning
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
  }

  package init(_ role: Role, _ text: String, reasoning: String? = nil) {
    self.init(role: role, content: .text(text), reasoning: reasoning)
  }

  /// The content as one text.
  package var text: String {
    switch content {
    case .text(let text)?: text
    case .parts(let texts)?: texts.joined()
    case nil: ""
    }
  }
}

extension ChatMessage: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "role": .string(role.rawValue), "content": content?.json,
      "reasoning_content": reasoning.map { .string($0) }, "name": name.map { .string($0) },
      "tool_calls": toolCalls.isEmpty ? nil : .array(toolCalls),
      "tool_call_id": toolCallID.map { .string($0) },
    ])
  }

  /// Refuses members that it does not know: a template might have read them.
  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a message")
    role = try Self.role(&fields)
    content = try fields.value("content").map { value throws(WireError) in try Content(json: value) }
    reasoning = try fields.string("reasoning_content", bytes: 0...JSONLimits.lineBytes)
    name = try fields.string("name", bytes: 1...Self.nameBytes)
    toolCalls = try fields.array("tool_calls", count: 0...Self.toolCallLimit) ?? []
    toolCallID = try fields.string("tool_call_id", bytes: 1...Self.nameBytes)
    try fields.refuseOthers()
    try check(fields)
  }

  private static let nameBytes = 256
  private static let toolCallLimit = 256

  private static func role(_ fields: inout Fields) throws(WireError) -> Role {
    let name = try fields.required(fields.string("role", bytes: 1...nameBytes), "role")
    guard let role = Role(rawValue: name) else {
      let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw WireError(.badRequest, "'role' must be one of \(known)", parameter: "role")
    }
    return role
  }

  /// Refuses what belongs to another role, and a message that says nothing.
  private func check(_ fields: Fields) throws(WireError) {
    if let wrong = toolCalls.first(where: { if case .object = $0 { false } else { true } }) {
      throw fields.mismatch("tool_calls", wrong, "objects")
    }
    guard role == .assistant || (toolCalls.isEmpty && reasoning == nil) else {
      throw WireError(
        .badRequest,
        "'tool_calls' and 'reasoning_content' belong to the assistant, not to '\(role.rawValue)'",
        parameter: "tool_calls")
    }
    guard role == .tool || toolCallID == nil else {
      throw WireError(
        .badRequest, "'tool_call_id' belongs to a message of role 'tool'", parameter: "tool_call_id")
    }
    if toolCalls.isEmpty { _ = try fields.required(content, "content") }
  }
}

extension ChatMessage.Content {
  fileprivate var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .parts(let texts): .array(texts.map { ["type": "text", "text": .string($0)] })
    }
  }

  fileprivate init(json: JSONValue) throws(WireError) {
    switch json {
    case .string(let text): self = .text(text)
    case .array(let elements):
      var texts: [String] = []
      for element in elements { texts.append(try Self.part(element)) }
      self = .parts(texts)
    case .null, .bool, .integer, .unsigned, .number, .object:
      throw WireError(
        .badRequest, "'content' must be a string or a list of text parts, found \(json.kind)",
        parameter: "content")
    }
  }

  private static func part(_ json: JSONValue) throws(WireError) -> String {
    var fields = try Fields(json, context: "a part of 'content'")
    let type = try fields.required(fields.string("type", bytes: 0...64), "type")
    guard type == "text" else {
      throw WireError(
        .badRequest, "a part of 'content' has the type '\(type)'; only 'text' is taken", parameter: "content")
    }
    let text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
    try fields.refuseOthers()
    return text
  }
}
