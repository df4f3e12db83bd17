import JSON
import Vocabulary

/// A piece of generated text: whole UTF-8, possibly of several tokens, possibly empty.
package struct TokenEvent: Sendable, Equatable {
  /// One of the likeliest tokens for a place of the answer.
  package struct Alternative: Sendable, Equatable {
    package var text: String
    package var token: TokenID
    package var logprob: Double

    package init(text: String, token: TokenID, logprob: Double) {
      self.text = text
      self.token = token
      self.logprob = logprob
    }
  }
  package var text: String
  /// The token's place in the answer, from 0.
  package var index: Int
  package var token: TokenID?
  /// The natural logarithm of the token's probability, when the request asked for it.
  package var logprob: Double?
  /// The likeliest tokens, likeliest first; empty unless the request asked for them.
  package var alternatives: [Alternative]

  package init(
    text: String, index: Int, token: TokenID? = nil, logprob: Double? = nil, alternatives: [Alternative] = []
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
    if let token { writer.member("token", token.index) }
    if let logprob = JSONValue.finite(logprob) { writer.member("logprob", logprob) }
    if !alternatives.isEmpty { writer.member("top_logprobs", alternatives.json) }
  }

  init(_ fields: inout Fields) throws(WireError) {
    text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
    index = try fields.integer("index", in: 0...Int.max) ?? 0
    token = try fields.token("token")
    logprob = try fields.number("logprob", in: -Double.infinity...Double.infinity)
    alternatives = try [Alternative](json: fields.array("top_logprobs", count: 0...1000) ?? [])
  }
}

extension TokenEvent.Alternative: JSONRepresentable {
  package var json: JSONValue {
    .members(["text": .string(text), "token": .integer(token.index), "logprob": .finite(logprob)])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "an alternative")
    text = try fields.string("text", bytes: 0...JSONLimits.lineBytes) ?? ""
    token = try fields.required(fields.token("token"), "token")
    logprob = try fields.number("logprob", in: -Double.infinity...Double.infinity) ?? -.infinity
  }
}
