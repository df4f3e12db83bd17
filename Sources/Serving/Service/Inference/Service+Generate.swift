import Architectures
import Engine
import Packs
import Scheduling
import Synchronization
import Tokenizers
import Vocabulary
import WireProtocol

extension Service {
  /// Continues a prompt; tokens stream to the caller as they come.
  func generate(
    _ request: GenerateRequest, _ line: Request, _ caller: Caller
  ) throws(WireError) {
    try submit(line, for: .generate, caller) { [self] attempt throws(WireError) in
      .generation(try generation(request, attempt, line, caller))
    }
  }

  private func generation(
    _ request: GenerateRequest, _ attempt: Attempt, _ line: Request, _ caller: Caller
  ) throws(WireError) -> GenerationJob {
    let model = attempt.model
    let (traits, tokenizer) = try languageParts(of: model)
    let prompt = try promptTokens(request.prompt, of: model, leaving: 1)
    let plan = GenerationPlan(
      request, model.pack, room: traits.context - prompt.count, policy: policy)
    let answer = GenerationAnswer(
      line.id, model: model.id.description, request, tokenizer, seed: plan.sampling.seed)
    return GenerationJob(
      id: attempt.job, uid: caller.uid, model: model.key, prompt: prompt, maxTokens: plan.maxTokens,
      sampling: plan.sampling,
      stops: plan.stops, deadline: request.deadlineMilliseconds.map { .now + .milliseconds($0) }
    ) { [self] event in
      switch event {
      case .refused(let refusal): attempt.refused(refusal)
      case .piece(let piece):
        if let event = answer.event(for: piece), !caller.reply(event) { engine.cancel(attempt.job) }
      case .finished(let summary):
        if let event = answer.rest(summary) { caller.reply(event) }
        finish(line.id, caller, answer.done(summary))
      }
    }
  }

  /// What a prompt is made into tokens with.
  func languageParts(of model: LoadedModel) throws(WireError) -> (SequenceTraits, Tokenizer) {
    guard let traits = model.pack.configuration.sequences, let tokenizer = model.pack.tokenizer else {
      throw wrongTask(model, needs: "a language model")
    }
    return (traits, tokenizer)
  }

  /// - Parameter room: The tokens that have to fit behind the prompt: one for a generation, none for an embedding.
  ///
  /// - Throws: `context_overflow` with both numbers; nothing is cut silently.
  func promptTokens(_ text: String, of model: LoadedModel, leaving room: Int) throws(WireError) -> [TokenID] {
    let (traits, tokenizer) = try languageParts(of: model)
    let tokens = (model.pack.beginToken.map { [$0] } ?? []) + tokenizer.encode(text)
    guard tokens.count + room <= traits.context else {
      let rest = room == 0 ? "" : ", with at least one to generate"
      throw WireError(
        .contextOverflow,
        "the prompt has \(tokens.count) tokens, but the model's context holds \(traits.context)\(rest)",
        parameter: "prompt")
    }
    guard !tokens.isEmpty else {
      throw WireError(
        .badRequest, "the prompt is empty, and this model has no token to begin with", parameter: "prompt")
    }
    return tokens
  }

  func wrongTask(_ model: LoadedModel, needs: String) -> WireError {
    WireError(
      .badRequest,
      "'\(model.id)' is a \(model.pack.configuration.architecture); this operation needs \(needs)",
      parameter: "model")
  }
}

/// The options of a request, where those that it leaves out are filled from the pack's defaults and the
/// service's.
private struct GenerationPlan {
  let maxTokens: Int
  let sampling: SamplingOptions
  let stops: [String]

  init(_ request: GenerateRequest, _ pack: ModelPack, room: Int, policy: ServicePolicy) {
    let defaults = pack.generation
    maxTokens = min(request.maximumTokens ?? defaults.maxTokens ?? policy.defaultMaxTokens, room)
    var sampling = SamplingOptions(defaults, seed: request.seed ?? UInt64.random(in: 0...UInt64(Int64.max)))
    sampling.apply(request)
    self.sampling = sampling
    stops = request.stop.isEmpty ? defaults.stop ?? [] : request.stop
  }
}

/// Turns the engine's pieces into the events of one answer; used on the engine's thread.
private final class GenerationAnswer: Sendable {
  private let id: RequestID
  private let model: String
  private let request: GenerateRequest
  private let tokenizer: Tokenizer
  private let seed: UInt64
  /// The text and tokens so far, for a client that gets them at the end instead of streaming.
  private let collected: Mutex<(text: String, tokens: [TokenEvent])>

  init(
    _ id: RequestID, model: String, _ request: GenerateRequest,
    _ tokenizer: Tokenizer,
    seed: UInt64
  ) {
    self.id = id
    self.model = model
    self.request = request
    self.tokenizer = tokenizer
    self.seed = seed
    collected = Mutex((request.echo ? request.prompt : "", []))
  }

  func event(for piece: GeneratedPiece) -> Event? {
    let wantsTokens = request.logprobs > 0
    guard wantsTokens || !piece.text.isEmpty else { return nil }
    let token = TokenEvent(
      text: piece.text, index: piece.index, token: piece.token, logprob: piece.logprob.map(Double.init),
      alternatives: piece.alternatives.map {
        .init(text: text(of: $0.token), token: $0.token, logprob: Double($0.logprob))
      })
    if request.stream { return Event(id: id, .token(token)) }
    collected.withLock { collected in
      collected.text += piece.text
      if wantsTokens { collected.tokens.append(token) }
    }
    return nil
  }

  /// The text that was held back to the end.
  func rest(_ summary: GenerationSummary) -> Event? {
    guard !summary.rest.isEmpty else { return nil }
    if request.stream {
      return Event(id: id, .token(TokenEvent(text: summary.rest, index: summary.usage.completionTokens)))
    }
    collected.withLock { $0.text += summary.rest }
    return nil
  }

  func done(_ summary: GenerationSummary) -> Event {
    if summary.reason == .shutdown { return .error(id, WireError(.shutdown)) }
    let (text, tokens) = collected.withLock { $0 }
    return Event(
      id: id,
      .done(
        DoneEvent(
          finishReason: summary.reason, text: request.stream ? nil : text,
          usage: summary.usage,
          timings: Timings(summary.timings), model: model, seed: seed, tokens: tokens)))
  }

  private func text(of token: TokenID) -> String {
    String(decoding: tokenizer.bytes(of: token), as: UTF8.self)
  }
}
