import Packs
import Scheduling
import Tokenizers

/// A generation under way: what turns its logits into text.
struct ActiveGeneration {
  let job: GenerationJob
  var sampler: Sampler
  var decoder: StreamingDecoder
  var stops: StopFinder
  var clock: JobClock
  var count = 0

  init(_ job: GenerationJob, tokenizer: Tokenizer, submitted: ContinuousClock.Instant) {
    self.job = job
    sampler = Sampler(job.sampling, prompt: job.prompt)
    decoder = StreamingDecoder(tokenizer, afterPrompt: true)
    stops = StopFinder(job.stops)
    clock = JobClock(submitted: submitted)
  }
}

/// An image or an embedding under way.
struct ActiveVector {
  let job: VectorJob
  var clock: JobClock
}

/// When a job reached which phase.
struct JobClock {
  let submitted: ContinuousClock.Instant
  private(set) var started: ContinuousClock.Instant?
  private(set) var first: ContinuousClock.Instant?
  private(set) var last: ContinuousClock.Instant?

  init(submitted: ContinuousClock.Instant) { self.submitted = submitted }

  mutating func start(_ now: ContinuousClock.Instant) { started = started ?? now }

  /// Notes a token or result; returns the time since the one before.
  @discardableResult
  mutating func output(_ now: ContinuousClock.Instant) -> Duration? {
    defer { (first, last) = (first ?? now, now) }
    return last.map { now - $0 }
  }

  func timings(_ now: ContinuousClock.Instant) -> JobTimings {
    var timings = JobTimings()
    timings.total = now - submitted
    timings.queue = started.map { $0 - submitted }
    if let started, let first { timings.prefill = first - started }
    if let first, let last { timings.decode = last - first }
    return timings
  }
}
