import Engine
import Registry
import Scheduling
import WireProtocol

/// What a request asks of the engine, made for one version of a model.
enum PreparedJob {
  case generation(GenerationJob)
  case vector(VectorJob)
}

/// One try to have a request answered: by the version that it means at the moment.
struct Attempt: Sendable {
  let model: LoadedModel
  /// The id of the job to make.
  let job: JobID
  /// What the job's sink calls where the engine refuses the job.
  let refused: @Sendable (Refusal) -> Void
}

extension Service {
  /// Hands a request's work to the engine, which answers it. The engine's thread wakes up while the job is prepared.
  func infer(
    _ inference: Operation.Inference, _ line: Request, _ files: [PassedFile], _ caller: Caller
  ) throws(WireError) {
    engine.expectJob()
    switch inference {
    case .generate(let request): try generate(request, line, caller)
    case .classify(let request): try classify(request, line, files, caller)
    case .embed(let request): try embed(request, line, files, caller)
    }
  }

  /// Has a request answered by the version that it means.
  ///
  /// If that version was swapped between finding it and the job's arrival at the engine, `prepare` makes the job
  /// again for the version that runs by then, so that a swap loses no request. What does not depend on the version,
  /// such as decoding a picture, belongs before the call.
  ///
  /// - Parameters:
  ///   - retries: How often to ask again; a version that was unloaded for good is an error the first time, because
  ///     no other is found.
  ///   - prepare: Makes the job of an attempt; called on the caller's thread, and again on the engine's.
  func submit(
    _ line: Request, for task: DefaultTask, _ caller: Caller, retries: Int = 3,
    _ prepare: @escaping @Sendable (Attempt) throws(WireError) -> PreparedJob
  ) throws(WireError) {
    let model = try catalog.running(line.model, for: task)
    let id = engine.makeJobID()
    let attempt = Attempt(model: model, job: id) { [self] refusal in
      guard refusal == .modelNotLoaded, retries > 0 else {
        return finish(line.id, caller, .error(line.id, WireError(refusal, model: model.id.description)))
      }
      leave(line.id, caller) {
        do throws(WireError) {
          try submit(line, for: task, caller, retries: retries - 1, prepare)
        } catch {
          finish(line.id, caller, .error(line.id, error))
        }
      }
    }
    let job = try prepare(attempt)
    try book.enter(line.id, .job(id), on: caller.connection)
    switch job {
    case .generation(let job): engine.submit(job)
    case .vector(let job): engine.submit(job)
    }
  }
}
