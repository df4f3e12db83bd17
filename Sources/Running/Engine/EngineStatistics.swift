import Scheduling

/// What the engine counted since it started.
public struct EngineStatistics: Sendable {
  /// One loaded model's counts.
  public struct Model: Sendable {
    public var load: ModelLoad?
    /// Jobs that came during the step under way.
    public var arriving = 0
    public var requests: [String: Int] = [:]
    public var promptTokens = 0
    public var cachedTokens = 0
    public var generatedTokens = 0
    public var images = 0
    public var queue = Histogram()
    public var firstToken = Histogram()
    public var betweenTokens = Histogram()
    public var total = Histogram()

    /// Requests that compute.
    public var running: Int { load?.running ?? 0 }
    /// Requests that wait to compute.
    public var queued: Int { (load?.waiting ?? 0) + arriving }
  }

  public var models: [ModelKey: Model] = [:]
  public var steps = 0
  public var stepTokens = 0
  /// Time spent in steps.
  public var busy: Duration = .zero
  public var backlogRequests = 0
  public var backlogTokens = 0

  public init() {}

  /// Tokens per second over all steps so far; nil before the first.
  public var speed: Double? { busy > .zero ? Double(stepTokens) / busy.inSeconds : nil }
}

/// Durations counted into fixed buckets, as Prometheus histograms want them.
public struct Histogram: Sendable, Equatable {
  /// Upper bounds in seconds; one more bucket holds what is longer.
  public static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  public private(set) var sum = 0.0

  public init() {}

  public mutating func add(_ duration: Duration) {
    let seconds = duration.inSeconds
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
  }

  public var count: Int { counts.reduce(0, +) }
}

extension Duration {
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  public var inMilliseconds: Double { inSeconds * 1000 }
}
