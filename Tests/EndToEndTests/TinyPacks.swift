import Glibc
import Processes
import Synchronization
import TestSupport

/// Packs that `qpack` makes from checkpoints of random weights, once per test run.
enum TinyPacks {
  private static let cache = Mutex<[String: String]>([:])
  nonisolated(unsafe) private static var scratch: Scratch?

  /// A language model called `tiny-llama`; another seed makes another version.
  static func language(seed: UInt64 = 1) throws -> String {
    try pack("tiny-llama", seed, recipe: "w8a8") { folder in
      try TinyCheckpoints.writeLanguageModel(to: folder, seed: seed)
    }
  }

  /// The same with 4-bit weights.
  static func smallLanguage(seed: UInt64 = 1) throws -> String {
    try pack("tiny-llama-w4", seed, recipe: "w4a8") { folder in
      try TinyCheckpoints.writeLanguageModel(to: folder, seed: seed)
    }
  }

  /// A classifier of 16×16 images called `tiny-vit`.
  static func classifier(seed: UInt64 = 1) throws -> String {
    try pack("tiny-vit", seed, recipe: "w8a8", calibration: pictures) { folder in
      try TinyCheckpoints.writeClassifier(to: folder, seed: seed)
      return folder
    }
  }

  /// A folder of pictures to calibrate on, one class.
  private static func pictures(in scratch: Scratch) throws -> String {
    let folder = try scratch.folder("pictures")
    _ = try scratch.folder("pictures/noise")
    for seed in 1...8 as ClosedRange<UInt64> {
      try scratch.write(TinyCheckpoints.picture(seed: 1000 + seed), to: "pictures/noise/\(seed).ppm")
    }
    return folder
  }

  private static func pack(
    _ name: String, _ seed: UInt64, recipe: String, calibration: ((Scratch) throws -> String)? = nil,
    _ write: (String) throws -> String
  ) throws -> String {
    try cache.withLock { made in
      if let path = made["\(name)-\(seed)"] { return path }
      let scratch = try Self.scratch ?? Scratch()
      Self.scratch = scratch
      let source = try write(scratch.folder("\(name)-\(seed)"))
      let path = scratch.file("\(name)-\(seed).qpack")
      let words = ["import", source, "-o", path, "--recipe", recipe, "--name", name]
      let more = try calibration.map { ["--calibration", try $0(scratch)] } ?? []
      let process = try ChildProcess(Programs.path("qpack"), words + more, in: scratch)
      guard try process.wait(seconds: 120) == .exited(0) else {
        throw HarnessError("qpack import \(name): \(process.errors.suffix(500))")
      }
      made["\(name)-\(seed)"] = path
      return path
    }
  }
}
