import JSON
import Vocabulary

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
