import Scheduling

/// What the engine counted since it started.
package struct EngineStatistics: Sendable {
  /// One loaded model's counts.
  package struct Model: Sendable {
    package var load: ModelLoad?
    /// Jobs that came during the step under way.
    package var arriving = 0
    package var requests: [String: Int] = [:]
    package var promptTokens = 0
    package var cachedTokens = 0
    package var generatedTokens = 0
    package var images = 0
    package var queue = Histogram()
    package var firstToken = Histogram()
    package var betweenTokens = Histogram()
    package var total = Histogram()

    /// Requests that compute.
    package var running: Int { load?.running ?? 0 }
    /// Requests that wait to compute.
    package var queued: Int { (load?.waiting ?? 0) + arriving }
  }

  package var models: [ModelKey: Model] = [:]
  package var steps = 0
  package var stepTokens = 0
  /// Time spent in steps.
  package var busy: Duration = .zero
  package var backlogRequests = 0
  package var backlogTokens = 0

  package init() {}

  /// Tokens per second over all steps so far; nil before the first.
  package var speed: Double? { busy > .zero ? Double(stepTokens) / busy.inSeconds : nil }
}

/// Durations counted into fixed buckets, as Prometheus histograms want them.
package struct Histogram: Sendable, Equatable {
  /// Upper bounds in seconds; one more bucket holds what is longer.
  package static let bounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]
  package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  package private(set) var sum = 0.0

  package init() {}

  package mutating func add(_ duration: Duration) {
    let seconds = duration.inSeconds
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
  }

  package var count: Int { counts.reduce(0, +) }
}

extension Duration {
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  package var inMilliseconds: Double { inSeconds * 1000 }
}
