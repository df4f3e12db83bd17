import Glibc
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// `make test INPUTS=2000` runs more of them; each is a process of its own, because a trap ends one.
  @Suite("Importing checkpoints of extreme numbers", .timeLimit(.minutes(60)))
  struct ImportFuzz {
    private static let inputs =
      getenv("QUANTD_TEST_INPUTS").flatMap { Int(String(cString: $0)) } ?? 80

    @Test("ends with a pack or a reason, never with a signal, and leaves no unfinished file")
    func mutants() throws {
      var outcomes: [Int32: Int] = [:]
      for index in 0..<Self.inputs {
        let seed = UInt64(index) + 1
        let run = try ImportRun(seed: seed)
        switch run.status {
        case .exited(let code): outcomes[code, default: 0] += 1
        case .signalled(let signal):
          outcomes[-signal, default: 0] += 1
          Issue.record("seed \(seed): signal \(signal); \(run.description)")
        }
        if run.status == .exited(0) {
          #expect(run.left == ["model.qpack"], "seed \(seed): \(run.description)")
        } else {
          #expect([64, 65].contains(run.code), "seed \(seed): \(run.description)")
          #expect(run.left.isEmpty, "seed \(seed): \(run.left) left; \(run.description)")
          #expect(run.isExplained, "seed \(seed): \(run.description)")
        }
      }
      let counts = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
      print("imports by exit status: \(counts.joined(separator: ", "))")
    }
  }
}

/// One mutated checkpoint on its way through `qpack import`.
private struct ImportRun {
  let status: ProcessEnd
  let errors: String
  /// What lies where the pack was to be written.
  let left: [String]
  let words: [String]
  let changes: [String]

  var code: Int32 { if case .exited(let code) = status { code } else { -1 } }

  var description: String { "\(changes); \(words.joined(separator: " ")): \(errors.prefix(600))" }

  /// One line of the program's own, in its own words.
  var isExplained: Bool {
    errors.hasPrefix("qpack: ") && errors.count > 30
      && !["CocoaError", "EncodingError", "DecodingError", "rawValue"].contains { errors.contains($0) }
  }

  init(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    let isLanguage = Bool.random(using: &random)
    let sound: HuggingFaceCheckpoint = isLanguage ? .language(seed: seed) : .classifier(seed: seed)
    let mutation = CheckpointMutation(sound, &random)
    try mutation.checkpoint.write(to: scratch.folder("source"))
    let data = try isLanguage ? Self.text(scratch, &random) : Self.pictures(scratch, &random)
    let output = try scratch.folder("output")
    var words = ["import", scratch.file("source"), "-o", "\(output)/model.qpack", "--threads", "1"]
    words += ["--recipe", Bool.random(using: &random) ? "w8a8" : "w4a8"]
    if !isLanguage || Int.random(in: 0..<4, using: &random) > 0 { words += ["--calibration", data] }
    if Bool.random(using: &random) { words += ["--eval", data] }
    if Int.random(in: 0..<3, using: &random) == 0 {
      let schemes = ["q8k8v8-u8", "q4k4v4-log2", "q8k8v8-sqrt2", "q8k4v8-log64"]
      words += ["--attention", schemes.randomElement(using: &random) ?? ""]
    }
    let process = try ChildProcess(Programs.path("qpack"), words, in: scratch)
    status = try process.wait(seconds: 120)
    errors = process.errors
    left = names(in: output)
    (self.words, changes) = (words, mutation.changes)
  }

  private static func text(_ scratch: Scratch, _ random: inout SeededGenerator) throws -> String {
    let texts = ["the man in the van", "", "a", "the end. ", "thé"]
    let text = texts.randomElement(using: &random) ?? ""
    let isLong = Int.random(in: 0..<4, using: &random) > 0
    return try scratch.write(
      isLong ? String(repeating: "on and in the den ", count: 40) : text, to: "text.txt")
  }

  private static func pictures(_ scratch: Scratch, _ random: inout SeededGenerator) throws -> String {
    let folder = try scratch.folder("pictures")
    _ = try scratch.folder("pictures/cat")
    for seed in 1...UInt64.random(in: 1...3, using: &random) {
      let isBlack = Int.random(in: 0..<6, using: &random) == 0
      let bytes =
        isBlack
        ? Array("P6\n16 16\n255\n".utf8) + [UInt8](repeating: 0, count: 768)
        : TinyCheckpoints.picture(seed: seed)
      try scratch.write(bytes, to: "pictures/cat/\(seed).ppm")
    }
    return folder
  }
}
