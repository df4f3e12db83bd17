import JSON
import Vocabulary

/// Where a request's time went, in milliseconds; nil where a phase does not apply.
package struct Timings: Sendable, Equatable {
  package var queue: Double?
  package var prefill: Double?
  /// From arrival to the first token.
  package var firstToken: Double?
  package var decode: Double?
  package var total: Double?

  package init(
    queue: Double? = nil, prefill: Double? = nil, firstToken: Double? = nil, decode: Double? = nil,
    total: Double? = nil
  ) {
    self.queue = queue
    self.prefill = prefill
    self.firstToken = firstToken
    self.decode = decode
    self.total = total
  }
}

/// The end of a generation.
package struct DoneEvent: Sendable, Equatable {
  package var finishReason: FinishReason
  /// All of the text, when the request did not stream; nil when it did.
  package var text: String?
  /// What the model thought, which is no part of ``text``; nil when the request streamed or nothing was thought.
  package var reasoning: String?
  package var usage: Usage
  package var timings: Timings
  /// The version that answered: `name:version`.
  package var model: String
  /// The seed that repeats this answer.
  package var seed: UInt64?
  /// The tokens with their log-probabilities, when asked for and not streamed.
  package var tokens: [TokenEvent]

  package init(
    finishReason: FinishReason, text: String? = nil, reasoning: String? = nil, usage: Usage,
    timings: Timings, model: String,
    seed: UInt64? = nil, tokens: [TokenEvent] = []
  ) {
    self.finishReason = finishReason
    self.text = text
    self.reasoning = reasoning
    self.usage = usage
    self.timings = timings
    self.model = model
    self.seed = seed
    self.tokens = tokens
  }

  func write(to writer: inout JSONWriter) {
    writer.member("finish_reason", finishReason.rawValue)
    writer.member("model", model)
    if let text { writer.member("text", text) }
    if let reasoning { writer.member("reasoning", reasoning) }
    writer.member("usage", usage.json)
    writer.member("timings", timings.json)
    if let seed { writer.member("seed", Int(exactly: seed).map { .integer($0) } ?? .unsigned(seed)) }
    if !tokens.isEmpty { writer.member("tokens", .array(tokens.map(\.json))) }
  }

  /// A finish reason that this build does not know reads as `stop`.
  init(_ fields: inout Fields) throws(WireError) {
    let reason = try fields.required(fields.string("finish_reason", bytes: 1...64), "finish_reason")
    finishReason = FinishReason(rawValue: reason) ?? .stop
    text = try fields.string("text", bytes: 0...JSONLimits.lineBytes)
    reasoning = try fields.string("reasoning", bytes: 0...JSONLimits.lineBytes)
    usage = try Usage(json: fields.value("usage") ?? [:])
    timings = try Timings(json: fields.value("timings") ?? [:])
    model = try fields.string("model", bytes: 0...1024) ?? ""
    seed = try fields.unsigned("seed")
    tokens = []
    for element in try fields.array("tokens", count: 0...1_000_000) ?? [] {
      var token = try Fields(element, context: "a token")
      tokens.append(try TokenEvent(&token))
    }
  }
}

extension TokenEvent {
  /// The token as a member of ``DoneEvent/tokens``.
  var json: JSONValue {
    .members([
      "index": .integer(index), "text": .string(text), "token": token.map { .integer($0.index) },
      "logprob": .finite(logprob), "top_logprobs": alternatives.isEmpty ? nil : alternatives.json,
    ])
  }
}

extension Usage: JSONRepresentable {
  package var json: JSONValue {
    [
      "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
      "cached_tokens": .integer(cachedTokens),
    ]
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "usage")
    self.init(
      promptTokens: try fields.integer("prompt_tokens", in: 0...Int.max) ?? 0,
      completionTokens: try fields.integer("completion_tokens", in: 0...Int.max) ?? 0,
      cachedTokens: try fields.integer("cached_tokens", in: 0...Int.max) ?? 0)
  }
}

extension Timings: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "queue_ms": .milliseconds(queue), "prefill_ms": .milliseconds(prefill),
      "ttft_ms": .milliseconds(firstToken),
      "decode_ms": .milliseconds(decode), "total_ms": .milliseconds(total),
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    let range = 0.0...Double.greatestFiniteMagnitude
    var fields = try Fields(json, context: "timings")
    queue = try fields.number("queue_ms", in: range)
    prefill = try fields.number("prefill_ms", in: range)
    firstToken = try fields.number("ttft_ms", in: range)
    decode = try fields.number("decode_ms", in: range)
    total = try fields.number("total_ms", in: range)
  }
}

extension JSONValue {
  /// Milliseconds, rounded to microseconds, because finer digits say nothing. Negative and absurd times are
  /// left out.
  static func milliseconds(_ value: Double?) -> JSONValue? {
    guard let value, (0..<1e12).contains(value) else { return nil }
    return .number(Double(Int(value * 1000 + 0.5)) / 1000)
  }
}
