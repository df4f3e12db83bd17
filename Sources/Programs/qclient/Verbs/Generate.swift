import Glibc
import JSON
import WireProtocol

extension Command {
  /// Prints the answer as it comes; with `--json`, one object with all of it.
  func generate() throws(ClientFailure) {
    var request = try generateRequest()
    request.stream = !wantsJSON || invocation.has(.stream)
    var isEmpty = true
    var endsLine = false
    let last = try connect().run(.infer(.generate(request)), model: try invocation.model()) {
      event throws(ClientFailure) in
      if wantsJSON { return try console.line(event.encoded()) }
      guard case .token(let token) = event.body, !token.text.isEmpty else { return }
      (isEmpty, endsLine) = (false, token.text.hasSuffix("\n"))
      try console.write(token.text)
    }
    guard case .done(let done) = last.body else { throw .badAnswer("'done' expected") }
    if wantsJSON { return try console.line(last.encoded()) }
    if let text = done.text {
      (isEmpty, endsLine) = (text.isEmpty, text.hasSuffix("\n"))
      try console.write(text)
    }
    if !isEmpty, !endsLine { try console.write("\n") }
    if invocation.has(.stats) { console.note(Self.statistics(done)) }
    if done.finishReason == .deadline { throw .timedOut(milliseconds: timeout ?? 0) }
  }

  private func generateRequest() throws(ClientFailure) -> GenerateRequest {
    typealias Allowed = GenerateRequest.Allowed
    var request = GenerateRequest(prompt: try operandText())
    request.maximumTokens = try invocation.integer(.maxTokens, in: Allowed.maximumTokens)
    request.temperature = try invocation.number(.temperature, in: Allowed.temperature)
    request.topK = try invocation.integer(.topK, in: Allowed.topK)
    request.topP = try invocation.number(.topP, in: Allowed.probability)
    request.minP = try invocation.number(.minP, in: Allowed.probability)
    request.repetitionPenalty = try invocation.number(.repetitionPenalty, in: Allowed.repetitionPenalty)
    request.seed = try invocation.seed()
    request.logprobs = try invocation.integer(.logprobs, in: Allowed.logprobs) ?? 0
    guard request.logprobs == 0 || wantsJSON else { throw .usage("--logprobs are printed with --json alone") }
    request.stop = invocation.texts(.stop)
    guard Allowed.stopCount.contains(request.stop.count),
      request.stop.allSatisfy({ Allowed.stopBytes.contains($0.utf8.count) })
    else { throw .usage("--stop takes 1...256 bytes and may be given 16 times") }
    request.echo = invocation.has(.echo)
    request.deadlineMilliseconds = timeout
    return request
  }

  /// The text operand; standard input for `-`, or when there is none and something is piped in.
  func operandText() throws(ClientFailure) -> String {
    let operand = invocation.operands.first
    if let operand, operand != "-" { return operand }
    guard operand != nil || isatty(console.input) == 0 else {
      throw .usage("'\(invocation.verb.rawValue)' takes a text, or - to read it from standard input")
    }
    let bytes = try InputFile("-", standardInput: console.input).contents(limit: JSONLimits.lineBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .badInput("standard input is not valid UTF-8; only text can be sent")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  static func statistics(_ done: DoneEvent) -> String {
    var parts: [String] = []
    if let first = done.timings.firstToken { parts.append("first token \(Format.duration(first))") }
    if let decode = done.timings.decode, decode > 0, done.usage.completionTokens > 1 {
      parts.append("\(Format.fixed(Double(done.usage.completionTokens - 1) * 1000 / decode, 1)) tokens/s")
    }
    parts.append("\(done.usage.completionTokens) tokens")
    parts.append("prompt \(done.usage.promptTokens) (\(done.usage.cachedTokens) cached)")
    parts.append("end: \(done.finishReason.rawValue)")
    parts.append(done.model)
    return parts.joined(separator: ", ")
  }
}
