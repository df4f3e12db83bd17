import Kernels

/// What the suites share: options, pools, limits, packs and the report.
final class Bench {
  let options: Options
  let pools = Pools()
  let limits: MachineLimits
  let packs: PackSource
  let report: Report

  init(_ options: Options) throws {
    self.options = options
    limits = MachineLimits(repetitions: options.repetitions, pools: pools)
    packs = try PackSource(options)
    report = Report(json: options.json)
  }

  /// Whether the options ask for the case `name`.
  func wants(_ name: String) -> Bool { options.filter.map { name.contains($0) } ?? true }

  /// Whether the options ask for any case whose name begins with `name`.
  func wants(group name: String) -> Bool {
    options.filter.map { name.contains($0) || $0.hasPrefix(name) } ?? true
  }

  func time(_ body: () -> Void) -> Timing { Timing(repetitions: options.repetitions, of: body) }

  /// Measures a rate: units of work in a second, beside what the machine's limits allow.
  ///
  /// - Parameters:
  ///   - amount: Units that one call of `body` does.
  ///   - work: The operations and bytes that one call needs at least.
  ///   - details: Further figures, from the seconds of one call.
  func rate(
    _ suite: Suite, _ name: String, set: InstructionSet = .current, threads: Int, amount: Double,
    unit: String,
    work: Work, details: (Double) -> [String: Double] = { _ in [:] }, body: () -> Void
  ) {
    let timing: Timing
    var limit: Measurement.Limit?
    if let bound = limits.bound(of: work, set, threads: threads) {
      let least: Timing
      (timing, least) = Timing.beside(bound, repetitions: options.repetitions, of: body)
      limit = .init(value: amount / least.seconds, name: bound.name)
    } else {
      timing = time(body)
    }
    report.add(
      Measurement(
        suite: suite.name, name: name, isa: set, threads: threads, value: amount / timing.seconds, unit: unit,
        limit: limit, repetitions: timing.repetitions, spread: timing.spread, details: details(timing.seconds)
      ))
  }

  /// Reports a duration, beside no limit.
  func duration(
    _ suite: Suite, _ name: String, threads: Int, _ timing: Timing, unit: DurationUnit,
    details: [String: Double] = [:]
  ) {
    report.add(
      Measurement(
        suite: suite.name, name: name, isa: .current, threads: threads,
        value: timing.seconds * unit.perSecond,
        unit: unit.rawValue, limit: nil, repetitions: timing.repetitions, spread: timing.spread,
        details: details))
  }
}

enum DurationUnit: String {
  case microseconds = "us"
  case milliseconds = "ms"

  var perSecond: Double {
    switch self {
    case .microseconds: 1e6
    case .milliseconds: 1e3
    }
  }
}
