import Glibc

/// How long one call took, of several repetitions.
struct Timing {
  /// The median of the repetitions, in seconds a call.
  let seconds: Double
  /// Slowest minus fastest repetition, divided by the median.
  let spread: Double
  let repetitions: Int

  /// The least seconds of a repetition: long enough that the clock, timer interrupts and a late worker change
  /// little.
  private static let leastSeconds = 0.02

  /// Times `body`: two calls unmeasured (first touch, and an estimate), then `repetitions` runs of as many
  /// calls as fill 20 ms.
  init(repetitions: Int, of body: () -> Void) {
    let calls = Self.callsPerRepetition(body)
    self.init(samples: (0..<repetitions).map { _ in Self.secondsPerCall(calls, body) })
  }

  /// Times `body` as ``init(repetitions:of:)`` does, and measures after every repetition the least time that it
  /// could have taken at that moment, so that both see the same state of a machine whose state changes.
  static func beside(
    _ bound: WorkLimit, repetitions: Int, of body: () -> Void
  ) -> (timing: Timing, least: Timing) {
    let calls = callsPerRepetition(body)
    var (samples, least): ([Double], [Double]) = ([], [])
    for _ in 0..<repetitions {
      samples.append(secondsPerCall(calls, body))
      least.append(bound.leastSeconds())
      // The probe has emptied the caches, so one call fills them again. A call that lasts a whole repetition
      // does not depend on it.
      if calls > 1 { body() }
    }
    return (Timing(samples: samples), Timing(samples: least))
  }

  /// - Precondition: `samples` has at least one.
  init(samples: [Double]) {
    precondition(!samples.isEmpty, "Timing: no samples")
    let sorted = samples.sorted()
    seconds = sorted.percentile(0.5)
    spread = seconds > 0 ? (sorted[sorted.count - 1] - sorted[0]) / seconds : 0
    repetitions = samples.count
  }

  /// How long one call of `body` takes.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now()
    try body()
    return now() - start
  }

  private static func callsPerRepetition(_ body: () -> Void) -> Int {
    body()
    let estimate = max(seconds(body), 1e-9)
    return max(1, Int((leastSeconds / estimate).rounded(.up)))
  }

  private static func secondsPerCall(_ calls: Int, _ body: () -> Void) -> Double {
    seconds { for _ in 0..<calls { body() } } / Double(calls)
  }

  /// The monotonic clock, in seconds.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension [Double] {
  /// The value that `share` of all do not exceed; the array is sorted and not empty.
  func percentile(_ share: Double) -> Double {
    self[Swift.min(count - 1, Int((Double(count) * share).rounded(.down)))]
  }
}
