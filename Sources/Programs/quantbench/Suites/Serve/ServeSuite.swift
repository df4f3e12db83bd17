import FoundationEssentials
import Glibc
import Models
import Processes

extension Suite {
  static let serve: Suite = Suite(
    name: "serve", summary: "the real daemon: start, round trips and their parts, idle CPU, memory"
  ) { bench in
    do {
      _ = try SpawnedProcess.neighbour("quantd")
    } catch {
      return bench.report.note("serve is left out: \(error)")
    }
    let classifier = try bench.packs.anyImageModel()
    if bench.wants(group: classifier.name) {
      try DaemonBenchmark(bench, classifier.name, [classifier]).run { daemon in
        try measureRequests(bench, classifier, daemon)
      }
    }
    let defaults = try bench.packs.bundled()
    if bench.wants(group: "default models"), !defaults.isEmpty {
      try DaemonBenchmark(bench, "default models", defaults).run { daemon in
        for model in defaults {
          let model = PackSource.Named(name: "default models", path: model.path, pack: model.pack)
          try measureRequests(bench, model, daemon)
        }
      }
    }
    if let large = try bench.packs.large(), bench.wants(group: large.name) {
      try DaemonBenchmark(bench, large.name, [large]).run()
    }
  }
}

/// Measures what a classification takes besides the model, stage by stage and as a whole. Does nothing for a
/// model that is no classifier.
private func measureRequests(_ bench: Bench, _ model: PackSource.Named, _ daemon: BenchDaemon) throws {
  guard let images = model.images else { return }
  try RequestStages(bench, model, images).run()
  try RoundTripBenchmark(bench, model, images, daemon).run()
}

/// A daemon with some models: how fast it starts, and how much CPU and memory it takes while it is idle.
private struct DaemonBenchmark {
  private let bench: Bench
  private let name: String
  private let packs: [PackSource.Named]
  private let threads: Int

  private static let idleSeconds: UInt32 = 2

  init(_ bench: Bench, _ name: String, _ packs: [PackSource.Named]) {
    (self.bench, self.name, self.packs) = (bench, name, packs)
    threads = bench.options.mostThreads
  }

  /// Measures the daemon, and lets `body` measure more of it while it runs.
  func run(_ body: (BenchDaemon) throws -> Void = { _ in }) throws {
    let folder = try DaemonFolder(packs: packs.map(\.path))
    let first = try BenchDaemon(folder, threads: threads)
    add("ready, installing", Timing(samples: [first.readySeconds]))
    first.stop()
    if bench.wants("\(name): ready, installed before") { try measureStarts(folder) }
    let daemon = try BenchDaemon(folder, threads: threads)
    defer { daemon.stop() }
    measureMemory(daemon, "started")
    try body(daemon)
    measureIdle(daemon)
    measureMemory(daemon, "used")
  }

  private func measureStarts(_ folder: DaemonFolder) throws {
    let starts = try (0..<bench.options.repetitions).map { _ in
      let daemon = try BenchDaemon(folder, threads: threads)
      defer { daemon.stop() }
      return daemon.readySeconds
    }
    add("ready, installed before", Timing(samples: starts))
  }

  private func measureIdle(_ daemon: BenchDaemon) {
    guard bench.wants("\(name): idle") else { return }
    let before = daemon.cpuSeconds
    sleep(Self.idleSeconds)
    let share = (daemon.cpuSeconds - before) / Double(Self.idleSeconds)
    add("idle CPU over \(Self.idleSeconds) s", value: share * 100, unit: "%")
  }

  private func measureMemory(_ daemon: BenchDaemon, _ state: String) {
    let weights = packs.reduce(0) { $0 + Double($1.pack.file.tensorBytes) / 1_048_576 }
    let resident = daemon.residentMiB
    add(
      "resident memory, \(state)", value: resident, unit: "MiB",
      details: ["weights_MiB": weights, "beyond_weights_MiB": resident - weights])
  }

  private func add(_ row: String, _ timing: Timing) {
    bench.duration(.serve, "\(name): \(row)", threads: threads, timing, unit: .milliseconds)
  }

  private func add(_ row: String, value: Double, unit: String, details: [String: Double] = [:]) {
    bench.report.add(
      Measurement(
        suite: "serve", name: "\(name): \(row)", isa: .current, threads: threads, value: value, unit: unit,
        limit: nil, repetitions: 1, spread: 0, details: details))
  }
}
