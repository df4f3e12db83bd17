import JSON
import Processes
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("The same answer, whatever else goes on", .timeLimit(.minutes(2)))
  struct Determinism {
    private static let sampled: [String: JSONValue] = [
      "prompt": "Once upon a time", "max_tokens": 120, "seed": 42, "logprobs": 3, "temperature": 1,
    ]

    private func image(_ seed: UInt64) -> JSONValue {
      .string(Base64.encode(TinyCheckpoints.picture(seed: seed, edge: 20)))
    }

    @Test("the same seed gives the same text, another seed another")
    func seeds() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      let first = try wire.ask("1", "generate", Self.sampled)
      #expect(first.event == "done", "\(first)")
      #expect(try wire.ask("2", "generate", Self.sampled).comparable == first.comparable)
      let other = try wire.ask("3", "generate", Self.sampled.merging(["seed": 43]) { $1 })
      #expect(other["text"] != first["text"])
    }

    @Test("a seed that the daemon drew repeats its answer")
    func drawnSeed() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      let members = Self.sampled.filter { $0.key != "seed" }
      let first = try wire.ask("1", "generate", members)
      let seed = try #require(first["seed"])
      #expect(
        try wire.ask("2", "generate", members.merging(["seed": seed]) { $1 }).comparable == first.comparable)
    }

    @Test("an answer alone and among eight others: the same text, tokens and log-probabilities")
    func generationAmongOthers() throws {
      let daemon = try TestDaemon.withModels(["--prefill-chunk", "8", "--step-tokens", "24"])
      let wire = try daemon.connect()
      let alone = try wire.ask("alone", "generate", Self.sampled)
      for round in 0..<3 {
        for index in 0..<4 { try send(company: index, round, to: wire) }
        try wire.send("me", "generate", Self.sampled)
        for index in 4..<8 { try send(company: index, round, to: wire) }
        let answers = try wire.answers(Set(["me"] + (0..<8).map { "company\($0)" }))
        #expect(answers["me"]?.last?.comparable == alone.comparable)
        #expect(answers.values.allSatisfy { $0.last?.event == "done" })
      }
    }

    private func send(company index: Int, _ round: Int, to wire: WireConnection) throws {
      let prompt = String(repeating: "the ship ", count: 1 + 7 * index + round)
      try wire.send(
        "company\(index)", "generate",
        ["prompt": .string(prompt), "max_tokens": .integer(20 + 30 * index), "seed": .integer(index)])
    }

    @Test("a picture alone and among sixteen others: the same logits")
    func classificationAmongOthers() throws {
      let wire = try TestDaemon.withModels(["--image-batch", "8"]).connectOwning()
      let alone = try wire.ask("alone", "classify", ["image": image(7), "top": 10])
      #expect(alone.event == "result", "\(alone)")
      for index in 0..<16 { try wire.send("c\(index)", "classify", ["image": image(UInt64(100 + index))]) }
      try wire.send("me", "classify", ["image": image(7), "top": 10])
      let answers = try wire.answers(Set(["me"] + (0..<16).map { "c\($0)" }))
      #expect(answers["me"]?.last?.comparable == alone.comparable)
    }

    @Test("every instruction set that this CPU has gives the same bits")
    func instructionSets() throws {
      let packs = [try TinyPacks.language(), try TinyPacks.smallLanguage(), try TinyPacks.classifier()]
      var scalar: [JSONValue] = []
      for name in ProcessorSets.names {
        // A daemon that does not start is an error: the CPU has the set.
        let daemon = try TestDaemon(environment: ["QUANTD_ISA": name], packs: packs)
        let status = try daemon.connect().ask("s", "status")["result"]
        #expect(status?["instruction_set"]?.stringValue?.hasPrefix(name) == true, "\(status ?? .null)")
        let output = try answers(of: daemon)
        if name == ProcessorSets.names[0] { scalar = output }
        #expect(output == scalar && output.count == 5, "\(name) differs from scalar")
        #expect(try daemon.stop() == .exited(0), "\(name)")
      }
      print("daemons, \(ProcessorSets.line)")
    }

    /// What the real client prints, in JSON, without durations.
    private func answers(of daemon: TestDaemon) throws -> [JSONValue] {
      let picture = try daemon.scratch.write(TinyCheckpoints.picture(seed: 7, edge: 33), to: "picture.ppm")
      let generate = [
        "generate", "Once upon a time", "--json", "--seed", "7", "--max-tokens", "80", "--logprobs", "3",
      ]
      let runs = [
        generate, generate + ["--model", "tiny-llama-w4"], generate + ["--temperature", "0"],
        ["classify", picture, "--json", "--top", "10"], ["embed", "Once upon", "--json"],
      ]
      return try runs.flatMap { words in
        let run = try daemon.client(words)
        #expect(run.status == .exited(0), "\(words): \(run.errors)")
        return try run.json().map(\.comparable)
      }
    }
  }
}
