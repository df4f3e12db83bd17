import Glibc
import JSON
import WireProtocol

extension Command {
  /// Prints the answer as it comes; with `--json`, one object with all of it.
  ///
  /// The prompt is one turn of a conversation where the model has a template, unless `--raw` says otherwise.
  func generate() throws(ClientFailure) {
    let prompt = try operandText()
    let turn = Conversation(messages: [ChatMessage(.user, prompt)])
    var request = try generateRequest(invocation.has(.raw) ? .text(prompt) : .chat(turn))
    request.echo = invocation.has(.echo)
    let session = try connect()
    do throws(ClientFailure) {
      try answer(request, session)
    } catch .refused(let error, _, _) where error.code == .noTemplate {
      request.input = .text(prompt)
      try answer(request, session)
    }
  }

  private func answer(_ request: GenerateRequest, _ session: Session) throws(ClientFailure) {
    var printer = AnswerPrinter(console: console, wantsJSON: wantsJSON)
    let last = try session.run(.infer(.generate(request)), model: try invocation.model()) {
      event throws(ClientFailure) in try printer.take(event)
    }
    let done = try printer.finish(last)
    if invocation.has(.stats) { console.note(Self.statistics(done)) }
    if done.finishReason == .deadline { throw .timedOut(milliseconds: timeout ?? 0) }
  }

  /// A request with the options of the command line.
  func generateRequest(_ input: PromptInput) throws(ClientFailure) -> GenerateRequest {
    typealias Allowed = GenerateRequest.Allowed
    var request = GenerateRequest(input)
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
    request.stream = !wantsJSON || invocation.has(.stream)
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
