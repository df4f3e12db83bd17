import JSON

/// One line from a client.
///
///     {"id": "7", "op": "generate", "model": "tinystories@stable", "prompt": "Once"}
package struct Request: Sendable, Equatable {
  package var id: RequestID
  /// The model meant; nil leaves it to the service's default. Never nil where ``Operation/Name/needsModel``.
  package var model: ModelReference?
  package var operation: Operation

  package init(id: RequestID, model: ModelReference? = nil, operation: Operation) {
    self.id = id
    self.model = model
    self.operation = operation
  }
}

/// Why a line is no request, with the request's id if that could be read.
package struct RejectedRequest: Error, Sendable, Equatable {
  package let id: RequestID?
  package let error: WireError
}

extension Request {
  /// The request that one line (without its newline) spells.
  ///
  /// - Throws: ``RejectedRequest``: `bad_json`, `line_too_long`, `unknown_op`, or `bad_request` naming the field,
  ///   what was found and what is allowed. The connection can go on.
  /// - Complexity: O(`line.count`).
  package init(line: [UInt8]) throws(RejectedRequest) {
    let object = try Self.object(line)
    let id = object["id"].flatMap { RequestID($0) }
    do {
      try self.init(object)
    } catch {
      throw RejectedRequest(id: id, error: error)
    }
  }

  private static func object(_ line: [UInt8]) throws(RejectedRequest) -> JSONObject {
    do {
      guard case .object(let object) = try JSONValue(parsing: line) else {
        throw JSONSyntaxError(offset: 0, problem: .expected("an object"))
      }
      return object
    } catch let error as JSONSyntaxError {
      if case .tooLong = error.problem {
        throw RejectedRequest(id: nil, error: WireError(.lineTooLong, error.description))
      }
      throw RejectedRequest(id: nil, error: WireError(.badJSON, error.description))
    } catch {
      throw RejectedRequest(id: nil, error: WireError(.badJSON, "not valid JSON"))
    }
  }

  private init(_ object: JSONObject) throws(WireError) {
    let name = try Self.operationName(object)
    var fields = Fields(object, context: "op '\(name.rawValue)'")
    _ = fields.value("op")
    id = try fields.required(fields.identifier("id"), "id")
    model = try fields.reference("model")
    if name.needsModel { _ = try fields.required(model, "model") }
    operation = try Operation(name, &fields)
    try fields.refuseOthers()
  }

  private static func operationName(_ object: JSONObject) throws(WireError) -> Operation.Name {
    guard case .string(let text)? = object["op"] else {
      let found = object["op"]?.kind ?? "nothing"
      throw WireError(
        .badRequest, "'op' must be a string, found \(found); known are \(knownNames)", parameter: "op")
    }
    guard let name = Operation.Name(rawValue: text) else {
      throw WireError(
        .unknownOperation, "unknown op '\(text.prefix(64))'; known are \(knownNames)", parameter: "op")
    }
    return name
  }

  private static var knownNames: String { Operation.Name.allCases.map(\.rawValue).joined(separator: ", ") }

  /// The request as one line of JSON, without the newline.
  package func encoded() -> [UInt8] {
    var object = JSONObject(["id": id.json, "op": .string(operation.name.rawValue)])
    object["model"] = model.map { .string($0.description) }
    for (name, value) in operation.members {
      object[name] = value
    }
    return JSONValue.object(object).encoded()
  }
}

extension Operation {
  init(_ name: Name, _ fields: inout Fields) throws(WireError) {
    switch name {
    case .hello: self = .hello
    case .classify: self = .classify(try ClassifyRequest(&fields))
    case .generate: self = .generate(try GenerateRequest(&fields))
    case .embed: self = .embed(try EmbedRequest(&fields))
    case .tokenize: self = .tokenize(try TokenizeRequest(&fields))
    case .detokenize: self = .detokenize(try DetokenizeRequest(&fields))
    case .models: self = .models
    case .show: self = .show
    case .ps: self = .ps
    case .install: self = .install(try InstallRequest(&fields))
    case .load: self = .load
    case .unload: self = .unload
    case .promote: self = .promote(try PromoteRequest(&fields))
    case .rollback: self = .rollback(label: try fields.name("label") ?? PromoteRequest.defaultLabel)
    case .unlabel: self = .unlabel(label: try fields.required(fields.name("label"), "label"))
    case .remove: self = .remove(try RemoveRequest(&fields))
    case .cancel: self = .cancel(target: try fields.required(fields.identifier("target"), "target"))
    case .status: self = .status
    case .stats: self = .stats
    case .metrics: self = .metrics
    case .watch: self = .watch
    }
  }

  /// The fields beside `id`, `op` and `model`; nil values are left out.
  var members: [(String, JSONValue?)] {
    switch self {
    case .hello, .models, .show, .ps, .load, .unload, .status, .stats, .metrics, .watch: []
    case .classify(let request):
      Array(request.image.members.map { ($0.key, $0.value) }) + [
        ("top", .integer(request.top)), ("deadline_ms", request.deadlineMilliseconds.map { .integer($0) }),
      ]
    case .generate(let request): request.members.map { ($0.key, $0.value) }
    case .embed(let request):
      request.input.members + [("deadline_ms", request.deadlineMilliseconds.map { .integer($0) })]
    case .tokenize(let request):
      [("text", .string(request.text)), ("add_special", request.addsSpecial ? nil : false)]
    case .detokenize(let request): [("tokens", .array(request.tokens.map { .integer($0) }))]
    case .install(let request):
      [
        ("fd", true), ("name", request.name.map { .string($0) }),
        ("label", request.label.map { .string($0) }),
        ("force", request.force ? true : nil),
      ]
    case .promote(let request): [("label", .string(request.label)), ("force", request.force ? true : nil)]
    case .rollback(let label), .unlabel(let label): [("label", .string(label))]
    case .remove(let request): [("force", request.force ? true : nil)]
    case .cancel(let target): [("target", target.json)]
    }
  }
}

extension EmbedRequest.Input {
  var members: [(String, JSONValue?)] {
    switch self {
    case .text(let text): [("text", .string(text))]
    case .image(let image): image.members.map { ($0.key, $0.value) }
    }
  }
}
