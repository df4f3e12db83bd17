import Engine
import ModelFixtures
import Scheduling
import Testing
import Vocabulary

@Suite("Engine under changes")
struct EngineLifecycleTests {
  private static let sampling = SamplingOptions(temperature: 1.5, topK: 0, topP: 1, seed: 42)
  private static let long: [TokenID] = [257] + (0..<90).map { TokenID($0) }

  @Test("cancels queued, prefilling and decoding requests and leaves the others as they were")
  func cancel() async throws {
    let pack = try TinyPack.llama().open()
    let reference = try await EngineBench(pack)
    let expected = await reference.generate([257, 3], maxTokens: 80, sampling: Self.sampling).transcript()
    await reference.stop()
    #expect(expected.tokens.count > 20, "the seed writes long enough to be interrupted")

    // Three places: the fourth request waits. Prompts go in by four tokens a step.
    let bench = try await EngineBench(
      pack, step: StepBudget(tokens: 12, chunk: 4),
      limits: .init(imageBatch: 1, sequences: 3, cacheBytes: 256 << 20))
    let survivor = bench.generate([257, 3], maxTokens: 80, sampling: Self.sampling)
    let decoding = bench.generate(
      [257, 4], maxTokens: 100, sampling: SamplingOptions(temperature: 0, seed: 1))
    let prefilling = bench.generate(Self.long, maxTokens: 30)
    let queued = bench.generate(Self.long, maxTokens: 30)
    let kept = await survivor.transcript { piece in
      if piece.index == 1 { bench.engine.cancel(queued.id) }
      if piece.index == 2 { bench.engine.cancel(prefilling.id) }
      if piece.index == 3 { bench.engine.cancel(decoding.id) }
    }
    #expect(kept.tokens == expected.tokens && kept.reason == expected.reason)
    for job in [queued, prefilling, decoding] {
      let reason = await job.transcript().reason
      #expect(reason == .cancelled || reason == .length || reason == .stop)
    }
    bench.engine.cancel(survivor.id)  // harmless after the end
    await bench.settle()
    let load = try #require(bench.engine.snapshot().models[bench.model]?.load)
    #expect(load.running == 0 && load.waiting == 0)
    await bench.stop()
  }

  @Test("ends a request whose deadline has passed, before or while it runs")
  func deadline() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let late = await bench.generate([257, 3], deadline: .now - .seconds(1)).transcript()
    #expect(late.reason == .deadline && late.pieces.isEmpty)
    let vector = await bench.vector(.prompt([257, 1]), deadline: .now - .seconds(1)).result()
    guard case .ended(.deadline) = vector else {
      Issue.record("\(String(describing: vector))")
      return
    }
    let inTime = await bench.generate([257, 3], deadline: .now + .seconds(600)).transcript()
    #expect(inTime.reason == .length || inTime.reason == .stop)
    await bench.stop()
  }

  @Test("refuses what is beyond its limits, and says when to come back")
  func admission() async throws {
    let limits = AdmissionLimits(requests: 2, tokens: 1000, requestsPerUID: 1, tokensPerUID: 1000)
    let bench = try await EngineBench(TinyPack.llama().open(), admission: limits)
    // Both are submitted while the engine stands still, so the first cannot have ended when the second comes.
    let resume = bench.hold()
    let first = bench.generate(Self.long, maxTokens: 30, uid: 1)
    let second = bench.generate([257], maxTokens: 10, uid: 1)
    resume()
    if case .busy(let wait)? = await second.transcript().refusal {
      #expect(wait > .zero)
    } else {
      Issue.record("the second request of one uid was let in")
    }
    #expect(await first.transcript().refusal == nil)
    let huge = await bench.generate([257], maxTokens: 128).transcript()
    #expect(huge.refusal == .tooLong(tokens: 129, limit: 128))
    let overflowing = await bench.generate([257], maxTokens: .max).transcript()
    #expect(overflowing.refusal == .tooLong(tokens: .max, limit: 128))
    let fits = await bench.generate([257], maxTokens: 127).transcript()
    #expect(fits.refusal == nil)
    let unknown = VectorJob(
      id: bench.engine.makeJobID(), uid: 1, model: bench.engine.makeModelKey(), input: .prompt([1])
    ) { event in
      guard case .refused(.modelNotLoaded) = event else {
        Issue.record("\(event)")
        return
      }
    }
    bench.engine.submit(unknown)
    await bench.stop()
  }

  @Test("lets running requests of a removed model finish, and refuses new ones")
  func remove() async throws {
    let bench = try await EngineBench(TinyPack.llama().open(), step: StepBudget(tokens: 4, chunk: 4))
    let job = bench.generate(Self.long, maxTokens: 30, sampling: Self.sampling)
    await withCheckedContinuation { done in bench.engine.remove(bench.model) { done.resume() } }
    let finished = await job.transcript()
    #expect(finished.reason == .length || finished.reason == .stop)
    let late = await bench.generate([257]).transcript()
    #expect(late.refusal == .modelNotLoaded)
    await bench.settle()
    #expect(bench.engine.snapshot().models[bench.model] == nil)
    // The same engine takes the next model.
    let runnable = try bench.engine.prepare(
      bench.pack, limits: .init(imageBatch: 1, sequences: 2, cacheBytes: 1 << 20))
    await withCheckedContinuation { done in bench.engine.add(runnable, as: bench.model) { done.resume() } }
    #expect(await bench.generate([257, 1]).transcript().refusal == nil)
    await bench.stop()
  }

  @Test("removes a model that is drained twice at once, and answers both")
  func removeTwice() async throws {
    let bench = try await EngineBench(TinyPack.llama().open(), step: StepBudget(tokens: 4, chunk: 4))
    let job = bench.generate(Self.long, maxTokens: 30)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          await withCheckedContinuation { done in bench.engine.remove(bench.model) { done.resume() } }
        }
      }
    }
    #expect(await job.transcript().summary != nil)
    await bench.stop()
  }

  @Test("stops after running requests have finished, where there is time")
  func drain() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let job = bench.generate(Self.long, maxTokens: 30, sampling: Self.sampling)
    await bench.stop(drain: .seconds(300))
    let reason = await job.transcript().reason
    #expect(reason == .length || reason == .stop)
  }

  @Test("stops at once without time, and every request hears of its end")
  func shutdown() async throws {
    let bench = try await EngineBench(TinyPack.llama().open(), step: StepBudget(tokens: 1, chunk: 1))
    let jobs = (0..<6).map { _ in bench.generate(Self.long, maxTokens: 30) }
    await bench.stop()
    for job in jobs {
      let transcript = await job.transcript()
      // On a busy machine some may be done before the stop arrives.
      #expect(transcript.summary != nil || transcript.refusal == .stopping)
    }
  }

  @Test("what comes after the end is refused, and a second stop returns")
  func afterTheEnd() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    await bench.stop()
    await bench.stop()
    #expect(await bench.generate([257, 3]).transcript().refusal == .stopping)
    guard case .refused(.stopping) = await bench.vector(.prompt([257])).result() else {
      Issue.record("an embedding after the end is not refused")
      return
    }
    await bench.settle()
  }

  @Test("two stops at once both return")
  func stopsTogether() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let job = bench.generate([257, 3], maxTokens: 100, sampling: Self.sampling)
    async let first: Void = bench.stop(drain: .seconds(60))
    async let second: Void = bench.stop()
    _ = await (first, second)
    #expect(await job.transcript().summary != nil)
  }

  @Test("a step takes as many tokens as the budget says")
  func largeSteps() async throws {
    let pack = try TinyPack.llama().open()
    let small = try await EngineBench(pack)
    let expected = await small.generate(Self.long, sampling: Self.sampling).transcript()
    await small.stop()
    let bench = try await EngineBench(pack, step: StepBudget(tokens: 2000, chunk: 2000))
    let jobs = (0..<8).map { _ in bench.generate(Self.long, sampling: Self.sampling) }
    for job in jobs { #expect(await job.transcript().tokens == expected.tokens) }
    await bench.stop()
  }

  @Test("who hears of an end finds it counted")
  func countedBeforeTold() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let (engine, model) = (bench.engine, bench.model)
    for count in 1...20 {
      let counted: (ended: Int, running: Int) = await withCheckedContinuation { answer in
        engine.submit(
          VectorJob(id: engine.makeJobID(), uid: 1, model: model, input: .prompt([257]), deadline: nil) {
            _ in
            let counts = engine.snapshot().models[model]
            answer.resume(returning: (counts?.requests["ok"] ?? 0, counts?.running ?? -1))
          })
      }
      #expect(counted == (count, 0))
    }
    await bench.stop()
  }

  @Test("counts what it did")
  func statistics() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    var transcripts: [Transcript] = []
    let jobs = (1...5).map { (count: Int) in
      bench.generate(
        [257] + (0..<Int32(count)).map { TokenID($0) }, maxTokens: 10 + count, sampling: Self.sampling)
    }
    for job in jobs { transcripts.append(await job.transcript()) }
    await bench.settle()
    let statistics = bench.engine.snapshot()
    let model = try #require(statistics.models[bench.model])
    let pieces = transcripts.reduce(0) { $0 + $1.pieces.count }
    #expect(model.generatedTokens == pieces)
    #expect(model.promptTokens == 2 + 3 + 4 + 5 + 6)
    #expect(model.requests.values.reduce(0, +) == 5)
    #expect(model.firstToken.count == 5 && model.total.count == 5 && model.queue.count == 5)
    #expect(statistics.backlogRequests == 0 && statistics.backlogTokens == 0)
    #expect(statistics.steps > 0 && (statistics.speed ?? 0) > 0)
    #expect(statistics.stepTokens >= 20)
    for transcript in transcripts {
      let timings = try #require(transcript.summary?.timings)
      #expect(
        timings.queue != nil && timings.prefill != nil && timings.decode != nil && timings.total > .zero)
    }
    await bench.stop()
  }
}
