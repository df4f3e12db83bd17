import KVBlocks
import KVCache
import Models
import Packs
import Scheduling
import Tokenizers
import Vocabulary

/// Memory that steps reuse.
final class StepBuffers {
  var batch = SequenceBatch()
  var blocks: [BlockID] = []
  var scratch: [Float] = []
}

extension EngineLoop {
  /// Runs a language model's step and continues every sequence whose tokens have caught up.
  func compute(_ steps: [SequenceStep], _ plan: StepPlan, _ model: any SequenceModel) {
    let vocabulary = model.traits.vocabulary
    let logits = forward(steps, model)
    scheduler.record(plan)
    let now = ContinuousClock.now
    var row = 0
    for (index, step) in steps.enumerated() where step.needsLogits {
      let own = UnsafeBufferPointer(rebasing: logits[row * vocabulary..<(row + 1) * vocabulary])
      row += 1
      if vectors[step.id] != nil {
        let last = steps[...index].reduce(0) { $0 + $1.tokens.count } - 1
        finishEmbedding(step.id, model, row: last, now: now)
      } else {
        extend(step.id, own, model, now: now)
      }
    }
  }

  private func forward(_ steps: [SequenceStep], _ model: any SequenceModel) -> UnsafeBufferPointer<Float> {
    buffers.batch.removeAll()
    buffers.blocks.removeAll(keepingCapacity: true)
    for step in steps { buffers.blocks += step.blocks }
    return buffers.blocks.withUnsafeBufferPointer { blocks in
      var (start, row) = (0, 0)
      for step in steps {
        buffers.batch.segments.append(
          PagedKVCache.Segment(
            slot: step.slot, blockTable: blocks.baseAddress! + start, position: step.position,
            count: step.tokens.count, row: row))
        buffers.batch.tokens += step.tokens
        start += step.blocks.count
        row += step.tokens.count
        if step.needsLogits { buffers.batch.logitRows.append(row - 1) }
      }
      return model.forward(buffers.batch)
    }
  }

  /// Samples one token, sends its text, and ends the generation where it is complete.
  private func extend(
    _ id: JobID, _ logits: UnsafeBufferPointer<Float>, _ model: any SequenceModel,
    now: ContinuousClock.Instant
  ) {
    guard var generation = generations[id] else { return }
    if buffers.scratch.count < logits.count { buffers.scratch = [Float](repeating: 0, count: logits.count) }
    let choice = buffers.scratch.withUnsafeMutableBufferPointer {
      generation.sampler.next(logits, scratch: UnsafeMutableBufferPointer(rebasing: $0[..<logits.count]))
    }
    note(&generation, now)
    if model.traits.endTokens.contains(choice.token.index) {
      return complete(generation, .stop, text: generation.finalText(), now: now)
    }
    let outcome = scheduler.append(choice.token, to: id)
    let (text, stopped) = generation.text(of: choice.token)
    let piece = GeneratedPiece(
      index: generation.count, token: choice.token, text: text, logprob: choice.report?.logprob,
      alternatives: choice.alternatives)
    generation.count += 1
    statistics.models[generation.job.model]?.generatedTokens += 1
    let sink = generation.job.sink
    tell { sink(.piece(piece)) }
    if stopped { return complete(generation, .stop, text: "", now: now) }
    if outcome == .reachedLimit {
      return complete(generation, .length, text: generation.finalText(), now: now)
    }
    generations[id] = generation
  }

  private func note(_ generation: inout ActiveGeneration, _ now: ContinuousClock.Instant) {
    let key = generation.job.model
    if let since = generation.clock.output(now) {
      statistics.models[key]?.betweenTokens.add(since)
    } else {
      statistics.models[key]?.firstToken.add(now - generation.clock.submitted)
    }
  }

  private func complete(
    _ generation: ActiveGeneration, _ reason: FinishReason, text: String, now: ContinuousClock.Instant
  ) {
    let id = generation.job.id
    generations[id] = nil
    guard let usage = scheduler.finish(id) else { return }
    finish(generation, usage, reason, text: text, now: now)
  }

  /// Reports the end of a generation that the scheduler has already let go.
  func finish(
    _ generation: ActiveGeneration, _ usage: Usage, _ reason: FinishReason, text: String,
    now: ContinuousClock.Instant
  ) {
    let (key, timings) = (generation.job.model, generation.clock.timings(now))
    count(key, reason: reason.rawValue)
    statistics.models[key]?.promptTokens += usage.promptTokens
    statistics.models[key]?.cachedTokens += usage.cachedTokens
    statistics.models[key]?.total.add(timings.total)
    if let queue = timings.queue { statistics.models[key]?.queue.add(queue) }
    let (sink, summary) = (
      generation.job.sink, GenerationSummary(reason: reason, rest: text, usage: usage, timings: timings)
    )
    tell { sink(.finished(summary)) }
  }

  private func finishEmbedding(
    _ id: JobID, _ model: any SequenceModel, row: Int, now: ContinuousClock.Instant
  ) {
    guard var vector = vectors.removeValue(forKey: id) else { return }
    var hidden = [Float](repeating: 0, count: model.traits.width)
    hidden.withUnsafeMutableBufferPointer { model.copyHidden(row: row, to: $0.baseAddress!) }
    scheduler.finish(id)
    answer(&vector, logits: [], embedding: hidden, now: now)
  }

  /// Sends the result of an image or an embedding.
  func answer(
    _ vector: inout ActiveVector, logits: [Float], embedding: [Float], now: ContinuousClock.Instant
  ) {
    vector.clock.output(now)
    let (key, timings) = (vector.job.model, vector.clock.timings(now))
    count(key, reason: "ok")
    statistics.models[key]?.total.add(timings.total)
    if let queue = timings.queue { statistics.models[key]?.queue.add(queue) }
    let sink = vector.job.sink
    tell { sink(.result(logits: logits, embedding: embedding, timings: timings)) }
  }
}

extension ActiveGeneration {
  /// The text that is certain after `token`, and whether a stop string was reached.
  fileprivate mutating func text(of token: TokenID) -> (text: String, stopped: Bool) {
    let piece = job.spelled[token].map { decoder.finish() + $0 } ?? decoder.append(token)
    return switch stops.append(piece) {
    case .text(let text): (text, false)
    case .stopped(let text): (text, true)
    }
  }

  /// What was held back, once no more tokens come.
  fileprivate func finalText() -> String {
    var (decoder, stops) = (decoder, stops)
    switch stops.append(decoder.finish()) {
    case .text(let text): return text + stops.finish()
    case .stopped(let text): return text
    }
  }
}
