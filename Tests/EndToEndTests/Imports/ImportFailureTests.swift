import Glibc
import Processes
import TestSupport
import Testing

extension EndToEnd {
  @Suite("An import that ends early", .timeLimit(.minutes(3)))
  struct ImportFailures {
    private let scratch: Scratch
    private let output: String

    init() throws {
      scratch = try Scratch()
      output = try scratch.folder("output")
    }

    @Test("leaves the pack that was there before")
    func keepsOld() throws {
      var checkpoint = HuggingFaceCheckpoint.language(seed: 1)
      try scratch.write("an older pack", to: "output/model.qpack")
      checkpoint.config["vocab_size"] = "30"
      checkpoint.tensors[0].shape[0] = 30
      checkpoint.tensors[0].values = Array(checkpoint.tensors[0].values.prefix(30 * 16))
      let run = try qpack(checkpoint)
      #expect(try run.wait() == .exited(65))
      #expect(run.errors.contains("tokenizer.json has 40 pieces"), "\(run.errors)")
      #expect(names(in: output) == ["model.qpack"] && text("\(output)/model.qpack") == "an older pack")
    }

    @Test("by Ctrl-C leaves nothing, and ends by that signal", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
      let source = try TinyCheckpoints.writeLanguageModel(to: scratch.folder("source"), seed: 1)
      let words = String(repeating: "Once upon a time in the ship. ", count: 4000)
      let data = try scratch.write(words, to: "text.txt")
      let run = try ChildProcess(
        Programs.path("qpack"),
        [
          "import", source, "-o", "\(output)/model.qpack", "--recipe", "w4a8", "--calibration", data,
          "--eval", data,
        ],
        in: scratch)
      #expect(try eventually { !names(in: output).isEmpty })
      run.send(signal)
      #expect(try run.wait() == .signalled(signal))
      #expect(names(in: output).isEmpty)
    }

    @Test("because nothing can be written says so before it computes")
    func unwritable() throws {
      let checkpoint = HuggingFaceCheckpoint.language(seed: 1)
      for (place, status) in [("missing/model.qpack", Int32(73)), ("output", 64), ("output/", 64)] {
        let run = try qpack(checkpoint, to: scratch.file(place))
        #expect(try run.wait() == .exited(status))
        #expect(run.errors.hasPrefix("qpack: -o is"), "\(run.errors)")
      }
    }

    @Test("because of a number of threads that no machine has is a usage error")
    func threads() throws {
      let words = [
        "import", "source", "-o", "\(output)/m.qpack", "--recipe", "w8a8", "--threads", "99999999999999999",
      ]
      let run = try ChildProcess(Programs.path("qpack"), words, in: scratch)
      #expect(try run.wait() == .exited(64))
      #expect(run.errors.contains("1...4096"), "\(run.errors)")
    }

    @Test("is no import with a few added tokens too many, which are named")
    func addedTokens() throws {
      var checkpoint = HuggingFaceCheckpoint.language(seed: 1)
      checkpoint.addedTokens.append(.init("<prefix>", 40))
      let run = try qpack(checkpoint)
      #expect(try run.wait() == .exited(0), "\(run.errors)")
      #expect(run.errors.contains("left out: '<prefix>'"), "\(run.errors)")
      #expect(names(in: output) == ["model.qpack"])
    }

    @Test("or a comparison with another model is refused")
    func wrongReference() throws {
      let data = try scratch.write(String(repeating: "the man in the van ", count: 20), to: "text.txt")
      #expect(try qpack(.language(seed: 1)).wait() == .exited(0))
      var other = HuggingFaceCheckpoint.language(seed: 2)
      other.config["vocab_size"] = "20"
      other.tensors[0].shape[0] = 20
      other.tensors[0].values = Array(other.tensors[0].values.prefix(20 * 16))
      for (folder, reference) in [("smaller", other), ("vision", .classifier(seed: 1))] {
        try reference.write(to: scratch.folder(folder))
        let run = try ChildProcess(
          Programs.path("qpack"),
          ["eval", "\(output)/model.qpack", "--data", data, "--reference", scratch.file(folder)], in: scratch)
        #expect(try run.wait() == .exited(65))
        #expect(run.errors.contains("The reference has"), "\(folder): \(run.errors)")
      }
    }

    private func qpack(_ checkpoint: HuggingFaceCheckpoint, to place: String? = nil) throws -> ChildProcess {
      try checkpoint.write(to: scratch.folder("source"))
      let words = [
        "import", scratch.file("source"), "-o", place ?? "\(output)/model.qpack", "--recipe", "w8a8",
      ]
      return try ChildProcess(Programs.path("qpack"), words, in: scratch)
    }
  }
}
