import Architectures
import FoundationEssentials
import Glibc
import Models
import Transport
import WireProtocol

/// One client, one request at a time, beside the same model without a daemon.
///
/// A round trip begins when the request is spelled out and ends with the answer's line. The daemon reports the
/// model's computing with each answer; the rest of the round trip is what a daemon adds: socket, JSON, base64,
/// picture and threads.
struct RoundTripBenchmark {
  /// How soon a request follows the answer before it.
  private enum Pace: String, CaseIterable {
    case backToBack = "back to back"
    /// Long enough for every thread to fall asleep.
    case paused = "after a pause"

    func rest() { if self == .paused { usleep(2_000) } }
  }

  private enum Carrier: String, CaseIterable {
    case inline, descriptor
  }

  private let bench: Bench
  private let named: PackSource.Named
  private let images: ImageTraits
  private let daemon: BenchDaemon
  private let threads: Int

  private static let requests = 300
  /// Round trips before those that are measured; they warm caches and allocators.
  private static let unmeasured = 20

  init(_ bench: Bench, _ named: PackSource.Named, _ images: ImageTraits, _ daemon: BenchDaemon) {
    (self.bench, self.named, self.images, self.daemon) = (bench, named, images, daemon)
    threads = bench.options.mostThreads
  }

  func run() throws {
    for pace in Pace.allCases where wants("model alone, \(pace.rawValue)") { try measureModel(pace) }
    for pace in Pace.allCases where wants("hello, \(pace.rawValue)") { try measureHello(pace) }
    for picture in TestPicture.usual(side: images.imageSize) {
      for carrier in Carrier.allCases {
        for pace in Pace.allCases where wants("\(picture.name) \(carrier.rawValue), \(pace.rawValue)") {
          try measure(picture, carrier, pace)
        }
      }
    }
  }

  private func wants(_ row: String) -> Bool { bench.wants("\(named.name): \(row)") }

  private func measureModel(_ pace: Pace) throws {
    let model = try named.pack.makeImageModel(maxBatch: 1, pool: bench.pools[threads])
    let image = RandomFloats(count: images.pixelValues)
    let seconds = (0..<Self.requests).map { _ in
      pace.rest()
      return Timing.seconds { sink(model.classify(image.pointer, count: 1)[0]) }
    }
    add("model alone, \(pace.rawValue)", Timing(samples: seconds))
  }

  /// Measures a question that the thread that reads it answers at once: the least that any round trip takes.
  private func measureHello(_ pace: Pace) throws {
    var connection = try daemon.connect()
    let line = Request(id: .integer(1), operation: .ask(.hello)).encoded()
    let seconds = try (0..<Self.requests).map { _ in
      pace.rest()
      return try Timing.seconds {
        try connection.send(line: line)
        _ = try Self.answer(&connection)
      }
    }
    add("hello, \(pace.rawValue)", Timing(samples: seconds))
  }

  private func measure(_ picture: TestPicture, _ carrier: Carrier, _ pace: Pace) throws {
    let file = try PassedPicture(picture)
    let image: ImageInput = carrier == .inline ? .bytes(picture.bytes) : .descriptor
    var connection = try daemon.connect()
    var (whole, computing, added) = ([Double](), [Double](), [Double]())
    for index in 0..<Self.requests + Self.unmeasured {
      let request = Request(
        id: .integer(index + 1), operation: .infer(.classify(ClassifyRequest(image: image))))
      let line = request.encoded()
      pace.rest()
      let start = Timing.now()
      try connection.send(line: line, descriptors: carrier == .inline ? [] : [file.descriptor])
      let answer = try Self.answer(&connection)
      let seconds = Timing.now() - start
      guard index >= Self.unmeasured else { continue }
      let model = (try Self.result(answer).timings.prefill ?? 0) / 1_000
      whole.append(seconds)
      computing.append(model)
      added.append(seconds - model)
    }
    add(
      "\(picture.name) \(carrier.rawValue), \(pace.rawValue)", Timing(samples: whole),
      details: [
        "p99_ms": whole.sorted().percentile(0.99) * 1e3, "model_ms": Timing(samples: computing).seconds * 1e3,
        "added_us": Timing(samples: added).seconds * 1e6,
      ])
  }

  private func add(_ row: String, _ timing: Timing, details: [String: Double] = [:]) {
    bench.duration(
      .serve, "\(named.name): \(row)", threads: threads, timing, unit: .milliseconds, details: details)
  }

  private static func answer(_ connection: inout UnixConnection) throws -> [UInt8] {
    guard case .line(let line) = try connection.receive(milliseconds: 30_000) else {
      throw ProcessError.badAnswer("nothing for 30 s")
    }
    return line
  }

  private static func result(_ line: [UInt8]) throws -> ClassifyResult {
    switch try Event(line: line).body {
    case .result(let value): return try ClassifyResult(json: value)
    case .error(let error): throw ProcessError.badAnswer(error.message)
    case .token, .reasoning, .done, .progress: throw ProcessError.badAnswer("no result")
    }
  }
}

/// A picture in an open file without a name.
private final class PassedPicture {
  let descriptor: CInt

  init(_ picture: TestPicture) throws {
    let path = "\(FileManager.default.temporaryDirectory.path)/quantbench-\(getpid()).ppm"
    try Data(picture.bytes).write(to: URL(filePath: path))
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    unlink(path)
  }

  deinit { close(descriptor) }
}
