import FoundationEssentials
import Glibc
import Models
import Transport
import WireProtocol

extension Suite {
  static let serve: Suite = Suite(
    name: "serve", summary: "the real daemon: start, round trips, idle CPU, memory"
  ) { bench in
    do {
      _ = try ChildProcess.neighbour("quantd")
    } catch {
      return bench.report.note("serve is left out: \(error)")
    }
    let named = try bench.packs.anyViT()
    guard case .vit(let configuration) = named.pack.configuration else { return }
    try ServeBenchmark(bench, named, configuration).run()
  }
}

private final class ServeBenchmark {
  private let bench: Bench
  private let named: PackSource.Named
  private let image: [UInt8]
  private let folder: String
  private let threads: Int

  private static let requests = 400
  private static let idleSeconds: UInt32 = 2

  init(_ bench: Bench, _ named: PackSource.Named, _ configuration: ViTConfiguration) throws {
    (self.bench, self.named) = (bench, named)
    threads = bench.options.threadCounts[bench.options.threadCounts.count - 1]
    image = Self.picture(side: configuration.imageSize)
    folder = "\(FileManager.default.temporaryDirectory.path)/quantbench-serve-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder + "/models", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: named.path, toPath: folder + "/models/model.qpack")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func run() throws {
    let first = try Daemon(folder: folder, threads: threads)
    add("ready, installing \(named.name)", Timing(samples: [first.readySeconds]))
    first.stop()
    let starts = try (0..<bench.options.repetitions).map { _ in
      let daemon = try Daemon(folder: folder, threads: threads)
      defer { daemon.stop() }
      return daemon.readySeconds
    }
    add("ready, \(named.name) installed", Timing(samples: starts))
    let daemon = try Daemon(folder: folder, threads: threads)
    defer { daemon.stop() }
    try measureRoundTrips(daemon)
    measureIdle(daemon)
  }

  /// One client, one request at a time. What is left of a round trip without the engine's own time is the
  /// price of asking a daemon: JSON, base64, decoding the picture, socket and threads.
  private func measureRoundTrips(_ daemon: Daemon) throws {
    var connection = try daemon.connect()
    var (whole, around) = ([Double](), [Double]())
    for index in 0..<Self.requests + 20 {
      let request = Request(
        id: .integer(index + 1), operation: .classify(ClassifyRequest(image: .bytes(image))))
      let start = Timing.now()
      try connection.send(line: request.encoded())
      let result = try Self.answer(&connection)
      let seconds = Timing.now() - start
      guard index >= 20 else { continue }  // The first ones warm caches and allocators.
      whole.append(seconds)
      around.append(seconds - (result.timings.total ?? 0) / 1_000)
    }
    add(
      "classify round trip", Timing(samples: whole),
      details: ["p99_ms": whole.sorted().percentile(0.99) * 1e3])
    add(
      "classify round trip without the engine", Timing(samples: around),
      details: ["p99_ms": around.sorted().percentile(0.99) * 1e3])
  }

  private func measureIdle(_ daemon: Daemon) {
    let before = daemon.cpuSeconds
    sleep(Self.idleSeconds)
    let share = (daemon.cpuSeconds - before) / Double(Self.idleSeconds)
    bench.report.add(measurement("idle CPU over 2 s", value: share * 100, unit: "%"))
    bench.report.add(measurement("resident memory", value: daemon.residentMiB, unit: "MiB"))
  }

  private func add(_ name: String, _ timing: Timing, details: [String: Double] = [:]) {
    bench.duration(.serve, name, threads: threads, timing, unit: .milliseconds, details: details)
  }

  private func measurement(_ name: String, value: Double, unit: String) -> Measurement {
    Measurement(
      suite: "serve", name: name, isa: .current, threads: threads, value: value, unit: unit, limit: nil,
      repetitions: 1, spread: 0)
  }

  private static func answer(_ connection: inout UnixConnection) throws -> ClassifyResult {
    while true {
      guard case .line(let line) = try connection.receive(milliseconds: 30_000) else {
        throw ProcessError.badAnswer("nothing for 30 s")
      }
      switch try Event(line: line).body {
      case .result(let value): return try ClassifyResult(json: value)
      case .error(let error): throw ProcessError.badAnswer(error.message)
      case .token, .done, .progress: continue
      }
    }
  }

  /// A PPM picture with some colours in it.
  private static func picture(side: Int) -> [UInt8] {
    Array("P6\n\(side) \(side)\n255\n".utf8)
      + (0..<side * side * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
  }
}
