import Glibc
import Kernels
import Packs
import Scheduling
import Synchronization
import Vocabulary

/// The step loop and the thread that runs it: models and jobs go in, events come out through each job's sink.
///
/// All computing happens on the engine's thread and its worker pool, so models never share the CPU by accident.
/// Every method may be called from any thread and returns at once. Once the engine has stopped, it refuses
/// jobs, and runs completions on the thread of the caller.
package final class Engine: Sendable {
  package struct Options: Sendable {
    package var threads: Int
    package var admission: AdmissionLimits
    package var step: StepBudget
    /// Called on the engine's thread after each step, and at least every `heartbeatInterval` while idle.
    package var heartbeat: @Sendable () -> Void
    package var heartbeatInterval: Duration

    package init(
      threads: Int, admission: AdmissionLimits, step: StepBudget,
      heartbeatInterval: Duration = .seconds(10), heartbeat: @escaping @Sendable () -> Void = {}
    ) {
      self.threads = threads
      self.admission = admission
      self.step = step
      self.heartbeatInterval = heartbeatInterval
      self.heartbeat = heartbeat
    }
  }

  /// How long the thread stays awake after work: about the time from a picture's line to its job, and from an
  /// answer to the client's next line. The article 0015-AwakeForTheNextRequest has the figures.
  private static let patience = Duration.microseconds(200)

  /// The name of the instruction set that this process computes with.
  package static var instructionSet: String { InstructionSet.current.rawValue }

  package let options: Options
  private let pool: WorkerPool
  private let mailbox: Mailbox<Command>
  private let statistics = Mutex(EngineStatistics())
  private let nextID = Atomic<UInt64>(1)

  /// Starts the engine's thread; it sleeps until something comes.
  package init(_ options: Options) {
    self.options = options
    pool = WorkerPool(threads: options.threads)
    // With one processor, waiting awake would keep the sender of the message from running.
    mailbox = Mailbox(patience: WorkerPool.availableThreads() > 1 ? Self.patience : .zero)
    let loop = { [options, mailbox, pool] (engine: Engine) in
      EngineLoop(options: options, mailbox: mailbox, threads: pool.threads) { update in
        engine.statistics.withLock { update(&$0) }
      }
    }
    let thread = EngineThread(engine: self, makeLoop: loop)
    thread.start()
  }

  /// A request id that this engine has not given out before.
  package func makeJobID() -> JobID {
    JobID(rawValue: nextID.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  /// A model key that this engine has not given out before.
  package func makeModelKey() -> ModelKey {
    ModelKey(rawValue: nextID.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  /// Builds a runnable model on the caller's thread, which may take long; other models keep running meanwhile.
  package func prepare(_ pack: ModelPack, limits: RunnableModel.Limits) throws -> RunnableModel {
    try RunnableModel(pack, limits: limits, stepTokens: options.step.tokens, pool: pool)
  }

  /// Adds a prepared model and warms it up; `completion` runs on the engine's thread once jobs may use it.
  package func add(_ model: RunnableModel, as key: ModelKey, completion: @escaping @Sendable () -> Void) {
    post(.add(key, model, completion: completion))
  }

  /// Refuses new jobs for a model, lets running ones finish, then frees it and calls `completion`.
  package func remove(_ key: ModelKey, completion: @escaping @Sendable () -> Void) {
    post(.remove(key, completion: completion))
  }

  /// Says that a job is being prepared, so that the engine's thread wakes up meanwhile. It goes back to sleep
  /// if no job comes within 0.2 ms.
  package func expectJob() { mailbox.expectMessage() }

  package func submit(_ job: GenerationJob) { post(.generate(job, submitted: .now)) }

  package func submit(_ job: VectorJob) { post(.vector(job, submitted: .now)) }

  /// Ends a job before the next step, whatever it is doing, and tells its sink. A job that has ended is left
  /// alone.
  package func cancel(_ id: JobID, reason: FinishReason = .cancelled) { post(.cancel(id, reason)) }

  /// Refuses new jobs, lets running ones finish for `drain`, ends the rest, and stops the thread.
  package func stop(drain: Duration, completion: @escaping @Sendable () -> Void) {
    post(.stop(drainUntil: .now + drain, completion: completion))
  }

  private func post(_ command: Command) {
    if !mailbox.post(command) { command.refuse() }
  }

  /// Counters and queues as of the last step, and the number of jobs that came since.
  package func snapshot() -> EngineStatistics {
    var statistics = statistics.withLock { $0 }
    for key in mailbox.waiting.compactMap(\.jobModel) { statistics.models[key]?.arriving += 1 }
    return statistics
  }
}

/// Owns the loop on its thread; the loop never leaves it.
private final class EngineThread: @unchecked Sendable {
  // Sendable: handed to the new thread once, before it starts.
  private let engine: Engine
  private let makeLoop: (Engine) -> EngineLoop

  init(engine: Engine, makeLoop: @escaping (Engine) -> EngineLoop) {
    self.engine = engine
    self.makeLoop = makeLoop
  }

  func start() {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let owner = Unmanaged<EngineThread>.fromOpaque(context).takeRetainedValue()
        owner.makeLoop(owner.engine).run()
        return nil
      }, context)
    precondition(status == 0, "Engine: cannot start its thread: \(String(cString: strerror(status)))")
    pthread_detach(thread)
  }
}
