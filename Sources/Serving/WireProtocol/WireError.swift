import JSON

/// The kind of a failure, as a word that programs may rely on. Codes are never renamed or reused.
package enum ErrorCode: String, Sendable, CaseIterable {
  case badJSON = "bad_json"
  case lineTooLong = "line_too_long"
  case badRequest = "bad_request"
  case unknownOperation = "unknown_op"
  case unknownModel = "unknown_model"
  case modelNotLoaded = "model_not_loaded"
  case badImage = "bad_image"
  case badPack = "bad_pack"
  case noTemplate = "no_template"
  case contextOverflow = "context_overflow"
  case busy
  case cancelled
  case deadline
  case forbidden
  case conflict
  case memoryBudget = "memory_budget"
  case qualityGate = "quality_gate"
  case shuttingDown = "shutting_down"
  case `internal`

  /// Whether the same request may succeed later without being changed.
  package var isRetryable: Bool {
    switch self {
    case .busy, .shuttingDown, .modelNotLoaded: true
    case .badJSON, .lineTooLong, .badRequest, .unknownOperation, .unknownModel, .badImage, .badPack,
      .noTemplate, .contextOverflow, .cancelled, .deadline, .forbidden, .conflict, .memoryBudget,
      .qualityGate, .internal:
      false
    }
  }
}

/// The error answer of the protocol: a stable code and a text for people.
///
/// The message names what was found, what is allowed and what to do. It holds no path of the server and no text
/// of a prompt.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: ErrorCode
  package var message: String
  /// The request's field that is to blame, if one is.
  package var parameter: String?
  package var isRetryable: Bool
  /// How long to wait before trying again, where the server can tell.
  package var retryAfterMilliseconds: Int?

  package init(
    _ code: ErrorCode, _ message: String, parameter: String? = nil, retryAfterMilliseconds: Int? = nil
  ) {
    self.code = code
    self.message = message
    self.parameter = parameter
    self.isRetryable = code.isRetryable
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }

  package var description: String { "\(code.rawValue): \(message)" }
}

extension WireError: JSONRepresentable {
  package var json: JSONValue {
    var object = JSONObject(members: [
      .init(name: "code", value: .string(code.rawValue)), .init(name: "message", value: .string(message)),
    ])
    object["param"] = parameter.map { .string($0) }
    object["retryable"] = .bool(isRetryable)
    object["retry_after_ms"] = retryAfterMilliseconds.map { .integer($0) }
    return .object(object)
  }

  /// A code that this build does not know (a newer daemon's) reads as `internal`; the message is kept.
  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "an error")
    let name = try fields.required(fields.string("code", bytes: 1...64), "code")
    let message = try fields.string("message", bytes: 0...(1 << 20)) ?? ""
    self.init(
      ErrorCode(rawValue: name) ?? .internal, message, parameter: try fields.string("param", bytes: 0...64),
      retryAfterMilliseconds: try fields.integer("retry_after_ms", in: 0...Int.max))
    isRetryable = try fields.bool("retryable") ?? code.isRetryable
  }
}
