import Glibc
import Processes
import TestSupport
import Testing

extension EndToEnd {
  @Suite("An import without options", .timeLimit(.minutes(2)))
  struct ImportAlone {
    private let scratch: Scratch
    private let place: String

    init() throws {
      scratch = try Scratch()
      place = try scratch.folder("place")
    }

    /// Runs qpack in the folder `place`, which holds nothing else.
    private func qpack(_ words: String...) throws -> ChildProcess {
      let line = "cd '\(place)' && exec \"$@\""
      return try ChildProcess("sh", ["-c", line, "sh", Programs.path("qpack")] + words, in: scratch)
    }

    private func source(_ checkpoint: HuggingFaceCheckpoint = .language(seed: 1)) throws -> String {
      let folder = try scratch.folder("My Model")
      try checkpoint.write(to: folder)
      return folder
    }

    @Test("names the pack after its source, calibrates it, and measures it on another text")
    func alone() throws {
      let folder = try source()
      let run = try qpack("import", folder)
      #expect(try run.wait() == .exited(0), "\(run.errors)")
      #expect(names(in: place) == ["my-model.qpack"])
      for words in [
        "recipe         w8a8", "calibrated on  built-in calibration text", "built-in evaluation text, ",
        "same first guess", "written to     my-model.qpack",
      ] { #expect(run.output.contains(words), "\(run.output)") }
      #expect(run.errors.contains("qpack: quantizing, 0 of"), "\(run.errors)")
      #expect(!run.errors.contains("\u{1B}"))
      let again = try qpack("import", folder)
      #expect(try again.wait() == .exited(64))
      #expect(again.errors.contains("my-model.qpack is there already"))
    }

    @Test("goes without a text or figures where it is told to, and says so")
    func nothing() throws {
      let run = try qpack("import", try source(), "--calibration", "none", "--eval", "none", "--quiet")
      #expect(try run.wait() == .exited(0) && run.errors.isEmpty, "\(run.errors)")
      #expect(run.output.contains("quality        not measured") && !run.output.contains("calibrated on"))
    }

    @Test("of a classifier says that it needs pictures")
    func classifier() throws {
      let run = try qpack("import", try source(.classifier(seed: 1)))
      #expect(try run.wait() == .exited(65))
      #expect(run.errors.contains("--calibration") && names(in: place).isEmpty, "\(run.errors)")
    }

    @Test(
      "finds data that is not there before it computes, with the whole path",
      arguments: ["--calibration", "--eval"])
    func missingData(option: String) throws {
      let run = try qpack("import", try source(), option, "/nowhere/text.txt")
      #expect(try run.wait() == .exited(66))
      #expect(run.errors == "qpack: /nowhere/text.txt: No such file or directory\n")
      #expect(names(in: place).isEmpty)
    }

    @Test("names whole paths in its errors")
    func paths() throws {
      var checkpoint = HuggingFaceCheckpoint.language(seed: 1)
      checkpoint.config["hidden_act"] = "\"tanh\""
      let folder = try source(checkpoint)
      let run = try qpack("import", folder)
      #expect(try run.wait() == .exited(65))
      #expect(run.errors.hasPrefix("qpack: \(folder)/config.json: 'hidden_act' is 'tanh'"), "\(run.errors)")
      let inspect = try qpack("inspect", "\(folder)/config.json")
      #expect(try inspect.wait() == .exited(65))
      #expect(inspect.errors.hasPrefix("qpack: \(folder)/config.json: "), "\(inspect.errors)")
    }

    @Test("tells its options, and what was probably meant")
    func help() throws {
      for words in [["import", "--help"], ["help", "import"], ["import", "-h"]] {
        let run = try ChildProcess(Programs.path("qpack"), words, in: scratch)
        #expect(try run.wait() == .exited(0) && run.output.contains("--draft-head yes|no"))
      }
      let run = try qpack("imprt")
      #expect(try run.wait() == .exited(64) && run.errors.contains("did you mean 'import'?"))
    }

    @Test("and a pack of random weights that is interrupted leave nothing", arguments: [SIGINT, SIGTERM])
    func interruptedSynthesis(signal: Int32) throws {
      let run = try qpack("synth", "--shape", "smollm-135m", "--recipe", "w8a8", "-o", "s.qpack")
      #expect(try eventually { !names(in: place).isEmpty })
      run.send(signal)
      #expect(try run.wait() == .signalled(signal))
      #expect(names(in: place).isEmpty)
    }
  }
}
