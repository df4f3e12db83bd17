import Glibc
import JSON
import Synchronization
import Testing
import Transport
import WireProtocol

@testable import qclient

@Suite("Verbs against a daemon", .serialized)
struct VerbTests {
  private func healthy() throws -> FakeDaemon { try FakeDaemon(FakeDaemon.healthy) }

  private func withImage<Result>(_ content: String = "P6\n1 1\n255\nabc", _ body: (String) throws -> Result)
    rethrows -> Result
  {
    let path = "/tmp/qclient-test-image-\(getpid())"
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    _ = write(file, Array(content.utf8), content.utf8.count)
    close(file)
    defer { unlink(path) }
    return try body(path)
  }

  @Test("classify passes a file by descriptor and prints a line a class")
  func classifyFile() throws {
    let daemon = try healthy()
    let outcome = withImage { daemon.run("classify", $0, "--top", "1") }
    #expect(outcome.code == .success && outcome.output == "cat  97.3 %\n" && outcome.error.isEmpty)
    #expect(
      daemon.requests.withLock { $0 }.map(\.operation) == [
        .infer(.classify(.init(image: .descriptor, top: 1)))
      ])
  }

  @Test("a class is one line, whatever its author called it")
  func classOfSeveralLines() throws {
    let daemon = try FakeDaemon { request, _ in
      let prediction = Prediction(label: "e\nship  99.9 %\u{1B}[31m", index: 0, probability: 1, logit: 0)
      return [
        .result(request.id, ClassifyResult(model: "m:1", predictions: [prediction], timings: Timings()))
      ]
    }
    let outcome = withImage { daemon.run("classify", $0) }
    #expect(outcome.output == "e ship  99.9 %\u{FFFD}[31m  100.0 %\n")
  }

  @Test(
    "what is no pack is refused with the command that makes one", arguments: ["/tmp", "/models/Tiny.Q4.gguf"])
  func installForeign(path: String) throws {
    let outcome = try healthy().run("install", path)
    #expect(outcome.code == .badData)
    #expect(outcome.error.contains("qpack import \(path) -o"), "\(outcome.error)")
  }

  @Test("log-probabilities without JSON are refused instead of left out, and embed prints its figures")
  func ignoredOptions() throws {
    let daemon = try healthy()
    #expect(daemon.run("generate", "a", "--logprobs", "3").code == .usage)
    let outcome = daemon.run("embed", "a", "--stats")
    #expect(outcome.code == .success && !outcome.error.isEmpty, "\(outcome.error)")
  }

  @Test("several files have headings, and JSON names the file")
  func severalFiles() throws {
    let daemon = try healthy()
    let (text, json) = withImage {
      (daemon.run("classify", $0, $0), daemon.run("classify", $0, $0, "--json"))
    }
    #expect(text.output.split(separator: "\n").count == 4)
    let lines = json.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix(#"{"file":"/tmp/"#) })
  }

  @Test("many files are sent a few ahead and answered in their order")
  func manyFiles() throws {
    let daemon = try healthy()
    withImage { image in
      let names = (0..<20).map { $0 == 7 ? "/nonexistent" : image }
      let outcome = daemon.run(["classify", "--json"] + names)
      #expect(outcome.code == .noInput)
      #expect(outcome.output.split(separator: "\n").count == 19)
    }
  }

  @Test("answers that overtake each other reach their own request")
  func overtaking() throws {
    let waiting = Mutex<[RequestID]>([])
    let daemon = try FakeDaemon { request, _ in
      let ids = waiting.withLock { waiting in
        waiting.append(request.id)
        defer { if waiting.count == 4 { waiting = [] } }
        return waiting.count == 4 ? waiting.reversed() : []
      }
      return ids.map { id in
        let prediction = Prediction(label: "\(id)", index: 0, probability: 1, logit: 0)
        return .result(id, ClassifyResult(model: "m:1", predictions: [prediction], timings: Timings()))
      }
    }
    let outcome = withImage { daemon.run("classify", $0, $0, $0, $0) }
    let labels = outcome.output.split(separator: "\n").filter { $0.hasSuffix("100.0 %") }.map { $0.prefix(1) }
    #expect(labels == ["1", "2", "3", "4"])
  }

  @Test("one bad file of several is told, the rest is classified, the code says bad data or no input")
  func partialFailure() throws {
    let daemon = try healthy()
    let missing = withImage { daemon.run("classify", "/nonexistent.ppm", $0) }
    #expect(missing.code == .noInput && missing.output.contains("cat"))
    #expect(missing.error.contains("cannot open /nonexistent.ppm: No such file or directory (ENOENT)"))
    let bad = withImage("GIF89a") { daemon.run("classify", $0) }
    #expect(bad.code == .badData && bad.output.isEmpty && bad.error == "qclient: not a PNM image\n")
  }

  @Test("generate prints the text alone and ends the line")
  func generate() throws {
    let daemon = try healthy()
    let outcome = daemon.run(
      "generate", "Once", "--max-tokens=2", "--stop", "x", "--stop", "y", "--seed", "18446744073709551615")
    #expect(outcome.code == .success && outcome.output == " upon a\n" && outcome.error.isEmpty)
    guard case .infer(.generate(let request))? = daemon.requests.withLock({ $0 }).last?.operation else {
      Issue.record("no request came")
      return
    }
    #expect(
      request.input == .text("Once") && request.maximumTokens == 2 && request.stop == ["x", "y"]
        && request.seed == .max)
    #expect(request.stream)
  }

  @Test("a prompt comes from standard input for -, and when something is piped")
  func standardInput() throws {
    let daemon = try healthy()
    #expect(daemon.run("generate", "-", input: "Once\n").code == .success)
    #expect(daemon.run("generate", input: "Once\n").code == .success)
    let inputs = daemon.requests.withLock { $0 }.map { request -> PromptInput? in
      if case .infer(.generate(let generate)) = request.operation { return generate.input }
      return nil
    }
    // A model without a template says so, and continues the text as it stands.
    let turn = PromptInput.chat(Conversation(messages: [ChatMessage(.user, "Once")]))
    #expect(inputs == [turn, .text("Once"), turn, .text("Once")])
  }

  @Test("--stats speaks of speed on stderr only")
  func statistics() throws {
    let outcome = try healthy().run("generate", "Once", "--stats")
    #expect(outcome.output == " upon a\n")
    #expect(
      outcome.error
        == "first token 4.0 ms, 100.0 tokens/s, 2 tokens, prompt 2 (0 cached), end: length, tiny:1\n")
  }

  @Test(
    "every verb that asks the daemon prints JSON objects, one a line, with --json",
    arguments: [
      ["generate", "a"], ["generate", "a", "--stream"], ["embed", "a"], ["tokenize", "a"],
      ["detokenize", "7"], ["list"],
      ["show", "vit"], ["ps"], ["promote", "vit:2"], ["rollback", "vit"], ["load", "vit"], ["unload", "vit"],
      ["remove", "vit:1"], ["status"], ["stats"], ["metrics"], ["watch"], ["doctor"],
    ])
  func json(words: [String]) throws {
    let daemon = try healthy()
    let outcome = daemon.run(words + ["--json"])
    #expect(outcome.code == .success, "\(outcome)")
    let lines = outcome.output.split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines {
      guard case .object = try JSONValue(parsing: Array(line.utf8)) else {
        Issue.record("\(line)")
        return
      }
    }
  }

  @Test("tables align, changes tell what was before")
  func tables() throws {
    let daemon = try healthy()
    #expect(
      daemon.run("list").output == """
        NAME  VERSION  TASK      FORMAT  STATE  LABELS     SIZE
        vit         2  classify  int8    live   stable  5.4 MiB

        """)
    #expect(daemon.run("promote", "vit:2").output == "promoted vit:2 (live), stable, before: vit:1\n")
    #expect(daemon.run("metrics").output == "quantd_up 1\n")
    #expect(daemon.run("tokenize", "a\n").output == "7\t\"a\\n\"\n")
    #expect(daemon.run("tokenize", "a", "--special").output == "7\t\"a\"\tspecial\n")
    #expect(daemon.run("tokenize", "a", "--chat").output == "1\t\"<|im_start|>\"\tspecial\n7\t\"a\"\n")
    #expect(daemon.run("tokenize", "a", "--chat", "--special").code == .usage)
  }

  @Test("install passes the file and refuses what is none")
  func install() throws {
    let daemon = try healthy()
    let outcome = withImage { daemon.run("install", $0, "--name", "vit", "--label", "canary") }
    #expect(outcome.code == .success && outcome.error.isEmpty)
    #expect(
      daemon.requests.withLock { $0 }.map(\.operation) == [
        .change(.install(.init(name: "vit", label: "canary")))
      ])
    #expect(daemon.run("install", "/dev/null").code == .badData)
    #expect(daemon.run("install", "/nonexistent").code == .noInput)
    #expect(daemon.run("install", "/tmp").code == .badData)
  }

  @Test("an unknown model is told together with the known ones")
  func unknownModel() throws {
    let outcome = try healthy().run("show", "vit-x")
    #expect(outcome.code == .noInput)
    #expect(outcome.error == "qclient: model 'vit-x' not found (have: vit). Try: qclient list\n")
  }

  @Test("an unknown version of a known model is told in the daemon's words")
  func unknownVersion() throws {
    let daemon = try FakeDaemon { request, files in
      guard case .ask(.show) = request.operation else { return FakeDaemon.healthy(request, files) }
      return [.error(request.id, WireError(.unknownModel, "'vit' has no version 9", parameter: "model"))]
    }
    let outcome = daemon.run("show", "vit:9")
    #expect(outcome.code == .noInput && outcome.error == "qclient: 'vit' has no version 9\n")
  }

  @Test("every error code of the daemon has its exit code", arguments: ErrorCode.allCases)
  func exitCodes(code: ErrorCode) throws {
    let daemon = try FakeDaemon { request, _ in [.error(request.id, WireError(code, "because"))] }
    let outcome = daemon.run("status")
    #expect(outcome.code == code.exitStatus && outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("qclient: because"))
  }

  @Test("the doctor of a healthy daemon finds nothing, and says what it looked at")
  func doctor() throws {
    let outcome = try healthy().run("doctor")
    #expect(outcome.code == .success)
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") })
  }

  @Test("the doctor without a daemon names each place and a remedy")
  func doctorAlone() throws {
    let outcome = try healthy().run("doctor", environment: ["QUANTD_SOCKET": "/nonexistent/s.sock"])
    #expect(outcome.code == .unavailable)
    #expect(
      outcome.output.contains("problem  socket ($QUANTD_SOCKET): cannot connect to /nonexistent/s.sock"))
    #expect(outcome.output.contains("Try: systemctl start quantd"))
  }

  @Test("without a daemon every path tried is told with its reason")
  func noDaemon() throws {
    let outcome = try healthy().run(
      "status", environment: ["QUANTD_SOCKET": "", "XDG_RUNTIME_DIR": "/nonexistent"])
    #expect(outcome.code == .unavailable || outcome.code == .permission)
    #expect(
      outcome.error.contains("/nonexistent/quantd/quantd.sock (user): No such file or directory (ENOENT)"))
    #expect(outcome.error.contains("/run/quantd/quantd.sock (system): "))
  }

  @Test("a daemon that stays silent is cancelled after the timeout")
  func timeout() throws {
    let daemon = try FakeDaemon { request, _ in
      if case .cancel(let target) = request.operation {
        return [.error(target, WireError(.cancelled, "cancelled"))]
      }
      return []
    }
    let outcome = daemon.run("status", "--timeout", "0.05")
    #expect(outcome.code == .tryLater)
    #expect(outcome.error.contains("no answer within 50.0 ms"))
    #expect(daemon.requests.withLock { $0 }.map(\.operation.name) == [.status, .cancel])
  }

  @Test("nonsense from the daemon is a protocol error")
  func nonsense() throws {
    let daemon = try FakeDaemon { request, _ in [Event(id: request.id, .result(["models": 7]))] }
    #expect(daemon.run("list").code == .badProtocol)
  }

  @Test("watch prints messages as they come")
  func watch() throws {
    #expect(try healthy().run("watch").output == "vit:2 is live\n")
  }

  @Test("an empty list prints nothing on stdout and says so on stderr")
  func emptyList() throws {
    let daemon = try FakeDaemon { request, _ in [.result(request.id, ModelList(models: []))] }
    let outcome = daemon.run("list")
    #expect(outcome.code == .success && outcome.output.isEmpty)
    #expect(outcome.error == "qclient: no models are installed. Try: qclient install FILE.qpack\n")
  }
}
