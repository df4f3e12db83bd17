import Glibc
import JSON
import ModelFixtures
import Processes
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("The models of the repository", .timeLimit(.minutes(2)))
  struct DefaultModels {
    @Test("they are installed at the first start and are the defaults of their tasks")
    func installed() throws {
      let daemon = try Self.daemon()
      let status = try daemon.connect().ask("s", "status")["result"]
      #expect(status?["problems"]?.elements.isEmpty == true)
      #expect(status?["defaults"]?["classify"]?.stringValue == "cifar10-vit:1")
      #expect(status?["defaults"]?["generate"]?.stringValue == "stories-7m:1")
      let state = names(in: daemon.scratch.file("state/blobs"))
      #expect(state.count == DefaultPack.allCases.count)
      try daemon.restart()
      #expect(names(in: daemon.scratch.file("state/blobs")) == state, "the second start installs nothing")
    }

    @Test("they answer as on file, to the last digit, under every instruction set of this CPU")
    func answers() throws {
      for name in ProcessorSets.names {
        let daemon = try Self.daemon(environment: ["QUANTD_ISA": name])
        try expect(.classifier, try predictions(daemon), under: name)
        let story = try story(daemon)
        try expect(.storyteller, story, under: name)
        #expect(try self.story(daemon) == story, "\(name): the same seed tells another story")
        #expect(try daemon.stop() == .exited(0), "\(name)")
      }
      print("models of the repository, \(ProcessorSets.line)")
    }

    private func expect(_ pack: DefaultPack, _ lines: [String], under set: String) throws {
      let golden = Golden("DefaultPacks/\(pack.rawValue).answers.txt", key: try pack.key())
      if let difference = try golden.difference(from: lines, writes: set == ProcessorSets.names[0]) {
        Issue.record("\(set): \(difference)")
      }
    }

    /// The five best classes of every sample, one a line: picture, label, probability, logit.
    private func predictions(_ daemon: TestDaemon) throws -> [String] {
      let pictures = try DefaultPack.samplePaths()
      try #require(pictures.count == 10)
      let run = try daemon.client(["classify"] + pictures + ["--json"])
      #expect(run.status == .exited(0), "\(run.errors)")
      let answers = try run.json()
      #expect(answers.map { $0["file"]?.stringValue } == pictures)
      return answers.flatMap { answer in
        let file = answer["file"]?.stringValue?.split(separator: "/").last ?? "?"
        return (answer["predictions"]?.elements ?? []).map { prediction in
          "\(file)  \(["label", "probability", "logit"].map { text(prediction[$0]) }.joined(separator: "  "))"
        }
      }
    }

    /// The README's story, then its 60 tokens, one a line: id, log-probability, text.
    private func story(_ daemon: TestDaemon) throws -> [String] {
      let words = ["generate", "Once upon a time", "--max-tokens", "60", "--seed", "1", "--json"]
      let run = try daemon.client(words + ["--logprobs", "1"])
      #expect(run.status == .exited(0), "\(run.errors)")
      let done = try #require(try run.json().last)
      let tokens = (done["tokens"]?.elements ?? []).map { token in
        ["token", "logprob", "text"].map { text(token[$0]) }.joined(separator: "  ")
      }
      #expect(tokens.count == 60)
      return [text(done["text"])] + tokens
    }

    /// As the program writes it.
    private func text(_ value: JSONValue?) -> String {
      String(decoding: (value ?? .null).encoded(), as: UTF8.self)
    }

    private static func daemon(environment: [String: String] = [:]) throws -> TestDaemon {
      let scratch = try Scratch()
      let models = try scratch.folder("models")
      // By symbolic link: a hard link may not leave its file system.
      for pack in DefaultPack.allCases { symlink(pack.path, "\(models)/\(pack.rawValue).qpack") }
      return try TestDaemon(environment: environment, scratch: scratch)
    }
  }
}
