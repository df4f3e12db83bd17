import JSON

/// Continues a prompt or answers a conversation. Options left out take the model's own defaults, or the ones named here.
package struct GenerateRequest: Sendable, Equatable {
  package var input: PromptInput
  /// The most tokens to produce; nil asks for the server's default.
  package var maximumTokens: Int?
  /// 0 takes the most likely token always; nil asks for the model's default.
  package var temperature: Double?
  /// Keeps the `topK` most likely tokens; 0 keeps all.
  package var topK: Int?
  package var topP: Double?
  package var minP: Double?
  package var repetitionPenalty: Double?
  /// Makes sampling repeatable; nil draws a seed.
  package var seed: UInt64?
  /// Texts that end the answer; they are not part of it.
  package var stop: [String]
  /// How many alternatives to report with each token; 0 reports none.
  package var logprobs: Int
  /// Whether `token` events come as text is produced, or one `done` with all of it.
  package var stream: Bool
  /// Whether the answer begins with the prompt, which must be a text.
  package var echo: Bool
  /// Bounds queueing, prefill and decode together.
  package var deadlineMilliseconds: Int?

  package init(prompt: String) { self.init(.text(prompt)) }

  package init(_ input: PromptInput) {
    self.input = input
    stop = []
    logprobs = 0
    stream = false
    echo = false
  }

  /// What each field may be; the client checks its flags against the same ranges.
  package enum Allowed {
    package static let maximumTokens = 1...1_000_000
    package static let temperature = 0.0...5.0
    package static let topK = 0...1000
    package static let probability = 0.0...1.0
    package static let repetitionPenalty = 0.01...10.0
    package static let stopCount = 0...16
    package static let stopBytes = 1...256
    package static let logprobs = 0...20
    package static let deadlineMilliseconds = 1...86_400_000
  }

  init(_ fields: inout Fields) throws(WireError) {
    self.init(try PromptInput(&fields, field: "prompt", takesTokens: true))
    maximumTokens = try fields.integer("max_tokens", in: Allowed.maximumTokens)
    temperature = try fields.number("temperature", in: Allowed.temperature)
    topK = try fields.integer("top_k", in: Allowed.topK)
    topP = try fields.number("top_p", in: Allowed.probability)
    minP = try fields.number("min_p", in: Allowed.probability)
    repetitionPenalty = try fields.number("repetition_penalty", in: Allowed.repetitionPenalty)
    seed = try fields.unsigned("seed")
    stop = try Self.stopTexts(&fields)
    logprobs = try fields.integer("logprobs", in: Allowed.logprobs) ?? 0
    stream = try fields.bool("stream") ?? false
    echo = try fields.bool("echo") ?? false
    try refuseRaw(&fields)
    deadlineMilliseconds = try fields.integer("deadline_ms", in: Allowed.deadlineMilliseconds)
  }

  /// Clients of earlier versions say `raw` with a prompt, which never was anything else.
  private func refuseRaw(_ fields: inout Fields) throws(WireError) {
    guard try fields.bool("raw") ?? false, case .chat = input else { return }
    throw WireError(
      .badRequest, "'raw' sends a text as it stands; give it as 'prompt' instead of 'messages'",
      parameter: "raw")
  }

  private static func stopTexts(_ fields: inout Fields) throws(WireError) -> [String] {
    var texts: [String] = []
    for element in try fields.array("stop", count: Allowed.stopCount) ?? [] {
      guard case .string(let text) = element, Allowed.stopBytes.contains(text.utf8.count) else {
        throw WireError(
          .badRequest,
          "'stop' must hold strings of \(Allowed.stopBytes.lowerBound)...\(Allowed.stopBytes.upperBound) bytes",
          parameter: "stop")
      }
      texts.append(text)
    }
    return texts
  }

  var members: [(String, JSONValue?)] {
    input.members(field: "prompt") + options.map { ($0.key, $0.value) }
  }

  private var options: KeyValuePairs<String, JSONValue?> {
    [
      "max_tokens": maximumTokens.map { .integer($0) },
      "temperature": .finite(temperature), "top_k": topK.map { .integer($0) }, "top_p": .finite(topP),
      "min_p": .finite(minP), "repetition_penalty": .finite(repetitionPenalty),
      "seed": seed.map { Int(exactly: $0).map { .integer($0) } ?? .unsigned($0) },
      "stop": stop.isEmpty ? nil : .strings(stop), "logprobs": logprobs == 0 ? nil : .integer(logprobs),
      "stream": stream ? true : nil, "echo": echo ? true : nil,
      "deadline_ms": deadlineMilliseconds.map { .integer($0) },
    ]
  }
}
