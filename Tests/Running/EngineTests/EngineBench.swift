import Dispatch
import Engine
import Packs
import Scheduling
import Vocabulary

/// An engine with one model, and jobs whose events come as a stream.
struct EngineBench: Sendable {
  let engine: Engine
  let model: ModelKey
  let pack: ModelPack

  init(
    _ pack: ModelPack, threads: Int = 1,
    admission: AdmissionLimits = AdmissionLimits(
      requests: 64, tokens: 100_000, requestsPerUID: 64, tokensPerUID: 100_000),
    step: StepBudget = StepBudget(tokens: 64, chunk: 16),
    limits: RunnableModel.Limits = RunnableModel.Limits(imageBatch: 4, sequences: 16, cacheBytes: 256 << 20)
  ) async throws {
    self.pack = pack
    engine = Engine(Engine.Options(threads: threads, admission: admission, step: step))
    model = engine.makeModelKey()
    let runnable = try engine.prepare(pack, limits: limits)
    await withCheckedContinuation { [engine, model] done in engine.add(runnable, as: model) { done.resume() }
    }
  }

  /// A submitted job: its id, and its events up to the last.
  struct Job<Event: Sendable>: Sendable {
    let id: JobID
    let events: AsyncStream<Event>
  }

  func generate(
    _ prompt: [TokenID], maxTokens: Int = 24,
    sampling: SamplingOptions = SamplingOptions(temperature: 0, seed: 1),
    stops: [String] = [], uid: UInt32 = 1, deadline: ContinuousClock.Instant? = nil
  ) -> Job<GenerationEvent> {
    let id = engine.makeJobID()
    let (stream, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
    engine.submit(
      GenerationJob(
        id: id, uid: uid, model: model, prompt: prompt, maxTokens: maxTokens, sampling: sampling,
        stops: stops,
        deadline: deadline
      ) { event in
        continuation.yield(event)
        if case .piece = event { return }
        continuation.finish()
      })
    return Job(id: id, events: stream)
  }

  func vector(_ input: VectorJob.Input, deadline: ContinuousClock.Instant? = nil) -> Job<VectorEvent> {
    let id = engine.makeJobID()
    let (stream, continuation) = AsyncStream.makeStream(of: VectorEvent.self)
    engine.submit(
      VectorJob(id: id, uid: 1, model: model, input: input, deadline: deadline) { event in
        continuation.yield(event)
        continuation.finish()
      })
    return Job(id: id, events: stream)
  }

  /// Returns once everything sent before has been handled and counted.
  func settle() async {
    for _ in 0..<2 {
      await withCheckedContinuation { done in engine.remove(engine.makeModelKey()) { done.resume() } }
    }
  }

  /// Stops the engine between two messages until the returned function is called.
  func hold() -> @Sendable () -> Void {
    let released = DispatchSemaphore(value: 0)
    engine.remove(engine.makeModelKey()) { released.wait() }
    return { released.signal() }
  }

  func stop(drain: Duration = .zero) async {
    await withCheckedContinuation { done in engine.stop(drain: drain) { done.resume() } }
  }
}

/// Everything that one generation said.
struct Transcript: Sendable {
  var pieces: [GeneratedPiece] = []
  var summary: GenerationSummary?
  var refusal: Refusal?

  var tokens: [TokenID] { pieces.map(\.token) }
  var text: String { pieces.map(\.text).joined() + (summary?.rest ?? "") }
  var reason: FinishReason? { summary?.reason }
}

extension EngineBench.Job where Event == GenerationEvent {
  /// Waits for the end.
  ///
  /// - Parameter piece: Called with each piece as it is read.
  func transcript(_ piece: (GeneratedPiece) -> Void = { _ in }) async -> Transcript {
    var transcript = Transcript()
    for await event in events {
      switch event {
      case .refused(let refusal): transcript.refusal = refusal
      case .finished(let summary): transcript.summary = summary
      case .piece(let next):
        transcript.pieces.append(next)
        piece(next)
      }
    }
    return transcript
  }
}

extension EngineBench.Job where Event == VectorEvent {
  func result() async -> VectorEvent? {
    for await event in events { return event }
    return nil
  }
}
