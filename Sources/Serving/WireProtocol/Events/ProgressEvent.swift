import JSON

/// News about a request that is still running: a load that advances, an event of the registry.
package struct ProgressEvent: Sendable, Equatable {
  package var message: String
  /// How much is done, 0...1, where that is known.
  package var fraction: Double?
  /// What `watch` reports about an event, for programs.
  package var details: JSONValue?

  package init(message: String, fraction: Double? = nil, details: JSONValue? = nil) {
    self.message = message
    self.fraction = fraction
    self.details = details
  }

  func write(to writer: inout JSONWriter) {
    writer.member("message", message)
    if let fraction = JSONValue.finite(fraction) { writer.member("fraction", fraction) }
    if let details { writer.member("details", details) }
  }

  init(_ fields: inout Fields) throws(WireError) {
    message = try fields.string("message", bytes: 0...JSONLimits.lineBytes) ?? ""
    fraction = try fields.number("fraction", in: 0...1)
    details = fields.value("details")
  }
}
