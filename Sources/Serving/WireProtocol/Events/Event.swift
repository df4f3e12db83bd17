import JSON

/// One line from the daemon: the request it answers and what happened.
///
/// More events of the same id follow after `token`, `reasoning` and `progress`; `done`, `result` and `error` are the last.
/// An event without id answers a line from which no id could be read, or announces the end of the connection.
package struct Event: Sendable, Equatable {
  package enum Body: Sendable, Equatable {
    case token(TokenEvent)
    /// A piece of what the model thinks before it answers; no part of the answer.
    case reasoning(TokenEvent)
    case done(DoneEvent)
    /// The answer of any operation but `generate`; its form depends on the operation (see `Results`).
    case result(JSONValue)
    case progress(ProgressEvent)
    case error(WireError)
  }
  package var id: RequestID?
  package var body: Body

  package init(id: RequestID?, _ body: Body) {
    self.id = id
    self.body = body
  }

  /// The event that ends a request with `result`.
  package static func result(_ id: RequestID, _ result: some JSONRepresentable) -> Event {
    Event(id: id, .result(result.json))
  }

  /// The event that ends a request with `error`, or answers a line that is no request.
  package static func error(_ id: RequestID?, _ error: WireError) -> Event {
    Event(id: id, .error(error))
  }

  /// Whether no further event carries this id.
  package var isLast: Bool {
    switch body {
    case .token, .reasoning, .progress: false
    case .done, .result, .error: true
    }
  }

  /// The word in `event`.
  var name: StaticString {
    switch body {
    case .token: "token"
    case .reasoning: "reasoning"
    case .done: "done"
    case .result: "result"
    case .progress: "progress"
    case .error: "error"
    }
  }

  /// The event as one line of JSON, without the newline, members in a fixed order.
  /// - Complexity: O(size of the event); a token event needs one buffer.
  package func encoded() -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("id", id?.json ?? .null)
      writer.member("event", "\(name)")
      switch body {
      case .token(let token), .reasoning(let token): token.write(to: &writer)
      case .done(let done): done.write(to: &writer)
      case .result(let value): writer.member("result", value)
      case .progress(let progress): progress.write(to: &writer)
      case .error(let error): writer.member("error", error.json)
      }
    }
    return writer.bytes
  }

  /// The event that one line (without its newline) spells.
  /// - Throws: ``WireError`` when the line is no event of this protocol.
  package init(line: [UInt8]) throws(WireError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line)
    } catch {
      throw WireError(.badJSON, error.description)
    }
    try self.init(json: value)
  }

  /// The event that a parsed line spells.
  package init(json value: JSONValue) throws(WireError) {
    var fields = try Fields(value, context: "an event")
    id = try fields.identifier("id")
    let name = try fields.required(fields.string("event", bytes: 1...64), "event")
    switch name {
    case "token": body = .token(try TokenEvent(&fields))
    case "reasoning": body = .reasoning(try TokenEvent(&fields))
    case "done": body = .done(try DoneEvent(&fields))
    case "result": body = .result(try fields.required(fields.value("result"), "result"))
    case "progress": body = .progress(try ProgressEvent(&fields))
    case "error": body = .error(try WireError(json: fields.required(fields.value("error"), "error")))
    default: throw WireError(.badRequest, "unknown event '\(name)'", parameter: "event")
    }
  }
}
