import Glibc
import Processes
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("The client's verbs", .timeLimit(.minutes(2)))
  struct ClientVerbs {
    private let daemon: TestDaemon

    init() throws { daemon = try TestDaemon.withModels() }

    // MARK: Classify

    @Test("pictures of every PNM kind with the same samples get the same answer")
    func pictureKinds() throws {
      let edge = 16
      let samples = Array(TinyCheckpoints.picture(seed: 3, edge: edge).suffix(3 * edge * edge))
      let gray = stride(from: 0, to: samples.count, by: 3).map { samples[$0] }
      let tripled = gray.flatMap { [$0, $0, $0] }
      func digits(_ values: [UInt8], _ scale: Int = 1) -> [UInt8] {
        Array(values.map { "\(Int($0) * scale)" }.joined(separator: "\n").utf8)
      }
      func wide(_ values: [UInt8]) -> [UInt8] { values.flatMap { [$0, $0] } }  // v × 257, high byte first
      func header(_ kind: Int, _ maximum: Int) -> [UInt8] {
        Array("P\(kind)\n# a comment\n\(edge) \(edge)\n\(maximum)\n".utf8)
      }
      let color = [
        header(6, 255) + samples, header(3, 255) + digits(samples), header(6, 65535) + wide(samples),
        header(3, 65535) + digits(samples, 257),
      ]
      let grayscale = [
        header(6, 255) + tripled, header(5, 255) + gray, header(2, 255) + digits(gray),
        header(5, 65535) + wide(gray), header(2, 65535) + digits(gray, 257),
      ]
      for family in [color, grayscale] {
        let answers = try family.enumerated().map { index, bytes in
          let path = try daemon.scratch.write(bytes, to: "kind\(index).pnm")
          let run = try daemon.client(["classify", path, "--json", "--top", "10"])
          #expect(run.status == .exited(0), "\(index): \(run.errors)")
          return try run.json().map(\.comparable)
        }
        #expect(answers.allSatisfy { $0 == answers[0] && !$0.isEmpty })
      }
    }

    @Test("a file, standard input and several files give the same predictions")
    func pictureSources() throws {
      let paths = try (1...6).map { seed in
        try daemon.scratch.write(
          TinyCheckpoints.picture(seed: UInt64(seed), edge: 16 + seed), to: "\(seed).ppm")
      }
      let several = try daemon.client(["classify"] + paths + ["--json"])
      #expect(several.status == .exited(0))
      let together = try several.json()
      #expect(together.compactMap { $0["file"]?.stringValue } == paths)
      for (path, answer) in zip(paths, together) {
        #expect(
          try daemon.client(["classify", path, "--json"]).json().map(\.comparable) == [answer.comparable])
        let piped = try daemon.client(["classify", "-", "--json"], input: path)
        #expect(try piped.json().map(\.comparable) == [answer.comparable])
      }
    }

    @Test("for people it prints one class a line, likeliest first")
    func predictions() throws {
      let path = try daemon.scratch.write(TinyCheckpoints.picture(seed: 1), to: "a.ppm")
      let run = try daemon.client(["classify", path, "--top", "3"])
      let answer = try #require(try daemon.client(["classify", path, "--top", "3", "--json"]).json().first)
      let labels = (answer["predictions"]?.elements ?? []).compactMap { $0["label"]?.stringValue }
      #expect(labels.count == 3)
      #expect(run.lines.map { String($0.split(separator: " ")[0]) } == labels)
      #expect(run.errors.isEmpty)
    }

    @Test("one bad picture among good ones is told, and the others are answered")
    func badPictureAmongGood() throws {
      let good = try daemon.scratch.write(TinyCheckpoints.picture(seed: 1), to: "good.ppm")
      let bad = try daemon.scratch.write("P6\n16 16\n255\nshort", to: "bad.ppm")
      let run = try daemon.client(["classify", good, bad, good, "--json"])
      #expect(run.status == .exited(65))
      #expect(run.lines.count == 2)
      #expect(run.errors.contains("bad.ppm"))
    }

    // MARK: Text

    @Test("generate takes the prompt as a word or from standard input, and prints the text alone")
    func generate() throws {
      let flags = ["--seed", "5", "--max-tokens", "40"]
      let run = try daemon.client(["generate", "Once upon"] + flags)
      #expect(run.status == .exited(0))
      #expect(run.errors.isEmpty, "nothing but results outside a terminal: \(run.errors)")
      #expect(!run.output.contains("\u{1B}"))
      let prompt = try daemon.scratch.write("Once upon", to: "prompt")
      #expect(try daemon.client(["generate", "-"] + flags, input: prompt).output == run.output)
      let json = try #require(try daemon.client(["generate", "Once upon", "--json"] + flags).json().first)
      #expect((json["text"]?.stringValue ?? "") == run.output.dropLast())
      let stats = try daemon.client(["generate", "Once upon", "--stats"] + flags)
      #expect(stats.output == run.output)
      #expect(stats.errors.contains("tokens/s") && stats.errors.contains("tiny-llama:1"), "\(stats.errors)")
    }

    @Test("with --json --stream every event is a line")
    func generateEvents() throws {
      let run = try daemon.client([
        "generate", "Once", "--json", "--stream", "--max-tokens", "10", "--seed", "1",
      ])
      #expect(try run.json().last?.event == "done")
      let events = try run.json().map(\.event)
      #expect(events.dropLast().allSatisfy { $0 == "token" })
    }

    @Test("Ctrl-C cancels the request and exits with 130")
    func interrupt() throws {
      let process = try ChildProcess(
        Programs.path("qclient"), ["generate", "Once", "--max-tokens", "2000"], in: daemon.scratch,
        environment: ["QUANTD_SOCKET": daemon.socket])
      #expect(try eventually { !process.output.isEmpty })
      process.send(SIGINT)
      let status = try process.wait()
      let length = process.output.count
      #expect(status == .exited(130) || length >= 2000, "the answer was over before the signal came")
      let wire = try daemon.connect()
      #expect(try eventually { try daemon.underWay(wire) == 0 })
    }

    @Test("tokenize and detokenize are inverse; embed prints a vector")
    func tokens() throws {
      let run = try daemon.client(["tokenize", "Once upon a ship"])
      let ids = run.lines.compactMap { $0.split(separator: "\t").first.map(String.init) }
      #expect(ids.count >= 4)
      #expect(try daemon.client(["detokenize"] + ids).output == "Once upon a ship\n")
      let vector = try daemon.client(["embed", "Once upon"]).output.split(separator: " ").compactMap {
        Float($0.trimmed)
      }
      #expect(vector.count == 64)
      #expect(vector.allSatisfy { $0.isFinite })
    }

    // MARK: Exit codes

    @Test("failures have their own exit codes and say what to do")
    func exitCodes() throws {
      let text = try daemon.scratch.write("no picture", to: "text")
      let expected: [([String], Int32, String)] = [
        (["classify", "/nonexistent.ppm"], 66, "/nonexistent.ppm"),
        (["classify", text], 65, ""), (["classify", daemon.scratch.path], 74, "directory"),
        (["generate", "a", "--model", "absent"], 66, "tiny-llama"),
        (["show", "tiny-llama:9"], 66, "no version 9"),
        (["generate", "a", "--max-tokens", "many"], 64, "max-tokens"),
        (["classifi", text], 64, "classify"), (["install", text], 65, ""),
        (["promote", "tiny-llama"], 64, "version"),
        (["generate", String(repeating: "ship ", count: 3000)], 65, "context"),
        (["classify", text, "--model", "tiny-llama"], 65, ""), (["remove", "tiny-llama:1"], 65, "unload"),
      ]
      for (words, status, hint) in expected {
        let run = try daemon.client(words)
        #expect(run.status == .exited(status), "\(words.map { $0.prefix(40) }): \(run.errors)")
        #expect(run.output.isEmpty)
        #expect(run.errors.lowercased().contains(hint), "\(run.errors)")
        #expect(run.errors.hasPrefix("qclient: "))
      }
    }

    @Test("without a daemon every verb exits with 69 and says where it looked")
    func noDaemon() throws {
      let scratch = try Scratch()
      for words in [["status"], ["generate", "a"], ["list"], ["doctor"]] {
        let run = try ClientRun(words, in: scratch, socket: scratch.file("none"))
        #expect(run.status == .exited(69), "\(words): \(run.errors)")
        #expect((run.output + run.errors).contains(scratch.file("none")))
      }
    }

    @Test(
      "another user may infer, but not administer",
      .enabled(if: getuid() == 0 && Programs.isInstalled("setpriv")))
    func otherUser() throws {
      chmod(daemon.socket, 0o666)
      let common = ["--reuid", "65534", "--clear-groups", Programs.path("qclient")]
      func run(_ words: [String]) throws -> (ProcessEnd, String) {
        let process = try ChildProcess(
          "setpriv", common + words, in: daemon.scratch, environment: ["QUANTD_SOCKET": daemon.socket])
        return (try process.wait(), process.errors)
      }
      let (status, errors) = try run(["generate", "Once", "--max-tokens", "3"])
      #expect(status == .exited(0), "\(errors)")
      for words in [["unload", "tiny-llama:1"], ["promote", "tiny-llama:1"], ["remove", "tiny-llama:1"]] {
        let (status, errors) = try run(words)
        #expect(status == .exited(77), "\(errors)")
      }
    }

    // MARK: Questions

    @Test("list, show, ps, status, stats, metrics and doctor answer", arguments: [true, false])
    func questions(json: Bool) throws {
      let verbs = [["list"], ["show", "tiny-vit"], ["ps"], ["status"], ["stats"], ["metrics"], ["doctor"]]
      for words in verbs {
        let run = try daemon.client(words + (json ? ["--json"] : []), environment: ["NO_COLOR": "1"])
        #expect(run.status == .exited(0), "\(words): \(run.errors)")
        #expect(!run.output.isEmpty)
        #expect(run.errors.isEmpty, "\(words): \(run.errors)")
        #expect(!run.output.contains("\u{1B}"))
        if json {
          let lines = try run.json()
          #expect(!lines.isEmpty)
        }
      }
    }

    @Test("metrics are lines that Prometheus reads")
    func metrics() throws {
      _ = try daemon.client(["generate", "Once", "--max-tokens", "3"])
      let run = try daemon.client(["metrics"])
      let value = #/[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="[^"]*",?)*\})? ([-+0-9.eE]+|NaN|[+-]Inf)/#
      let comment = #/# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+/#
      for line in run.lines {
        #expect(line.wholeMatch(of: value) != nil || line.wholeMatch(of: comment) != nil, "\(line)")
      }
      #expect(run.lines.contains { $0.hasPrefix("quantd_") })
    }

    @Test("the client starts quickly")
    func startTime() throws {
      let times = try (0..<10).map { _ in
        try ContinuousClock().measure { _ = try ClientRun(["version"], in: daemon.scratch, socket: "/none") }
      }
      print("qclient version: \(times.min() ?? .zero) at best of 10, the harness's polling of 3 ms included")
    }

    // MARK: Models

    @Test("install, promote, rollback, load, unload and remove a version")
    func lifeOfAVersion() throws {
      let next = try TinyPacks.language(seed: 2)
      func expect(_ words: [String], _ part: String, _ place: SourceLocation = #_sourceLocation) throws {
        let run = try daemon.client(words)
        #expect(run.status == .exited(0), "\(words): \(run.errors)", sourceLocation: place)
        #expect(run.output.contains(part), "\(run.output)", sourceLocation: place)
      }
      func answering() throws -> String? {
        try daemon.client(["generate", "a", "--max-tokens", "1", "--json"]).json().first?["model"]?
          .stringValue
      }
      try expect(["install", next], "tiny-llama:2")
      #expect(try answering() == "tiny-llama:1")
      try expect(["promote", "tiny-llama:2"], "tiny-llama:2")
      #expect(try answering() == "tiny-llama:2")
      try expect(["rollback", "tiny-llama"], "tiny-llama:1")
      #expect(try answering() == "tiny-llama:1")
      // The version that a label left is unloaded after the answer.
      #expect(
        try eventually { try daemon.client(["ps", "--json"]).output.contains("\"version\":2") == false })
      try expect(["load", "tiny-llama:2"], "tiny-llama:2")
      let run = try daemon.client(["generate", "a", "--max-tokens", "1", "--json", "--model", "tiny-llama:2"])
      #expect(try run.json().first?["model"]?.stringValue == "tiny-llama:2")
      #expect(try daemon.client(["remove", "tiny-llama:2"]).status == .exited(65))
      try expect(["unload", "tiny-llama:2"], "unloaded")
      #expect(try daemon.client(["generate", "a", "--model", "tiny-llama:2"]).status == .exited(75))
      try expect(["remove", "tiny-llama:2"], "removed")
      #expect(try !daemon.client(["list", "--json"]).output.contains("\"version\":2"))
      #expect(names(in: daemon.scratch.file("state/blobs")).count == 2)
      try expect(["install", next, "--name", "other", "--label", "beta"], "other:1")
      try expect(["generate", "a", "--max-tokens", "1", "--model", "other@beta"], "")
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring { last == "\n" ? dropLast() : self }
}
