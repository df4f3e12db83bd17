/// A piece of generated text: whole UTF-8, possibly of several tokens, possibly empty.
public struct TokenEvent: Sendable, Equatable {
  /// A token that could have come at this place.
  public struct Alternative: Sendable, Equatable {
    public var text: String
    public var token: Int
    public var logprob: Double

    public init(text: String, token: Int, logprob: Double) {
      self.text = text
      self.token = token
      self.logprob = logprob
    }
  }
  public var text: String
  /// The token's place in the answer, from 0.
  public var index: Int
  public var token: Int?
  /// The natural logarithm of the token's probability, when the request asked for it.
  public var logprob: Double?
  /// The likeliest tokens, likeliest first; empty unless the request asked for them.
  public var alternatives: [Alternative]

  public init(
    text: String, index: Int, token: Int? = nil, logprob: Double? = nil, alternatives: [Alternative] = []
  ) {
    self.text = text
    self.index = index
    self.token = token
    self.logprob = logprob
    self.alternatives = alternatives
  }

  func write(to writer: inout JSONWriter) {
    writer.member("index", index)
    writer.member("text", text)
    if let token { writer.member("token", token) }
    if let logprob = JSONValue.finite(logprob) { writer.member("logprob", logprob) }
    if !alternatives.isEmpty { writer.member("top_logprobs", alternatives.json) }
  }

  init(_ fields: inout Fields) throws(WireError) {
    text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
    index = try fields.integer("index", in: 0...Int.max) ?? 0
    token = try fields.integer("token", in: 0...Int.max)
    logprob = try fields.number("logprob", in: -Double.infinity...Double.infinity)
    alternatives = try [Alternative](json: fields.array("top_logprobs", count: 0...1000) ?? [])
  }
}

extension TokenEvent.Alternative: JSONRepresentable {
  public var json: JSONValue {
    .members(["text": .string(text), "token": .integer(token), "logprob": .finite(logprob)])
  }

  public init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "an alternative")
    text = try fields.string("text", bytes: 0...JSONLimits.lineBytes) ?? ""
    token = try fields.required(fields.integer("token", in: 0...Int.max), "token")
    logprob = try fields.number("logprob", in: -Double.infinity...Double.infinity) ?? -.infinity
  }
}
