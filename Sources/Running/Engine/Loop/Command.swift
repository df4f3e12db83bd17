import Scheduling
import Vocabulary

extension Engine {
  /// What other threads ask of the engine's thread.
  enum Command: Sendable {
    case add(ModelKey, RunnableModel, completion: @Sendable () -> Void)
    case remove(ModelKey, completion: @Sendable () -> Void)
    case generate(GenerationJob, submitted: ContinuousClock.Instant)
    case vector(VectorJob, submitted: ContinuousClock.Instant)
    case cancel(JobID, FinishReason)
    case stop(drainUntil: ContinuousClock.Instant, completion: @Sendable () -> Void)
  }
}

extension Engine.Command {
  /// Answers a command that came after the loop had ended.
  func refuse() {
    switch self {
    case .add(_, _, let completion), .remove(_, let completion), .stop(_, let completion): completion()
    case .generate(let job, _): job.sink(.refused(.stopping))
    case .vector(let job, _): job.sink(.refused(.stopping))
    case .cancel: break
    }
  }

  /// The model of a command that submits a job; nil for other commands.
  var jobModel: ModelKey? {
    switch self {
    case .generate(let job, _): job.model
    case .vector(let job, _): job.model
    case .add, .remove, .cancel, .stop: nil
    }
  }
}
