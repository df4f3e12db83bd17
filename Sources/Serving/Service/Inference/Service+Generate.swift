import Architectures
import Engine
import Packs
import Scheduling
import Tokenizers
import Vocabulary
import WireProtocol

extension Service {
  /// Continues a prompt or answers a conversation; tokens stream to the caller as they come.
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
    let maker = try promptMaker(for: model)
    let prompt = try maker.prompt(request.input, leaving: 1)
    try checkEcho(request)
    let plan = GenerationPlan(
      request, model.pack, room: maker.traits.context - prompt.tokens.count, policy: policy)
    let answer = GenerationAnswer(
      line.id, model: model.id.description, request, maker.tokenizer, seed: plan.sampling.seed,
      reasoning: prompt.reasoning)
    return GenerationJob(
      id: attempt.job, uid: caller.uid, model: model.key, prompt: prompt.tokens, maxTokens: plan.maxTokens,
      sampling: plan.sampling, stops: plan.stops,
      spelled: prompt.reasoning == nil ? [:] : maker.tokenizer.hiddenThoughtTags,
      deadline: request.deadlineMilliseconds.map { .now + .milliseconds($0) }
    ) { [self] event in
      switch event {
      case .refused(let refusal): attempt.refused(refusal)
      case .piece(let piece):
        let isRead = answer.events(for: piece).allSatisfy { caller.reply($0) }
        if !isRead { engine.cancel(attempt.job) }
      case .finished(let summary):
        for event in answer.rest(summary) { caller.reply(event) }
        finish(line.id, caller, answer.done(summary))
      }
    }
  }

  /// Refuses to repeat what is no text.
  private func checkEcho(_ request: GenerateRequest) throws(WireError) {
    guard request.echo else { return }
    if case .text = request.input { return }
    throw WireError(
      .badRequest, "'echo' repeats a text; send it as 'prompt' (qclient: --raw), or leave 'echo' out",
      parameter: "echo")
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

extension Tokenizer {
  /// The tags around thoughts where they are tokens of structure, which texts leave out.
  fileprivate var hiddenThoughtTags: [TokenID: String] {
    var tags: [TokenID: String] = [:]
    for tag in [ReasoningSplitter.opening, ReasoningSplitter.closing] {
      let ids = encode(tag, parseSpecial: true)
      if ids.count == 1, isSpecial(ids[0]), bytes(of: ids[0]).isEmpty { tags[ids[0]] = tag }
    }
    return tags
  }
}
