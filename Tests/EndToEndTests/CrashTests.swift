import Glibc
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("After a crash", .timeLimit(.minutes(10)))
  struct Crashes {
    /// How often the daemon is killed; `QUANTD_SOAK` asks for more.
    private static let rounds = getenv("QUANTD_SOAK").flatMap { Int(String(cString: $0)) } ?? 10

    @Test("a daemon killed while it installs and promotes starts again with a whole registry")
    func killDuringChanges() throws {
      let packs = try (2...6).map { try TinyPacks.language(seed: $0) }
      let daemon = try TestDaemon.withModels()
      var random = SeededGenerator(seed: 99)
      for round in 0..<Self.rounds {
        try change(daemon, packs, round)
        usleep(UInt32.random(in: 0...40_000, using: &random))
        try daemon.restart()
        try expectWhole(daemon, round)
      }
    }

    /// Sends changes without waiting for any answer.
    private func change(_ daemon: TestDaemon, _ packs: [String], _ round: Int) throws {
      let wire = try daemon.connect()
      for index in 0..<3 {
        try withFile(packs[(round + index) % packs.count]) { file in
          try wire.send(
            "i\(index)", "install", ["name": .string("crash\(index)"), "label": "stable"], file: file)
        }
        try wire.send("p\(index)", "promote", ["model": .string("crash\(index):\(round / 2 + 1)")])
        try wire.send("b\(index)", "rollback", ["model": .string("crash\(index)")])
      }
      // The first change has begun when this returns; the rest follows while the clock runs.
      _ = try wire.next()
    }

    private func expectWhole(_ daemon: TestDaemon, _ round: Int) throws {
      let wire = try daemon.connect()
      #expect(try wire.ask("s", "status")["result"]?["problems"]?.elements.isEmpty == true, "round \(round)")
      let models = try wire.ask("m", "models")["result"]?["models"]?.elements ?? []
      #expect(models.count >= 2)
      var digests: Set<String> = []
      for model in models {
        let id = "\(model["name"]?.stringValue ?? ""):\(model["version"]?.integerValue ?? 0)"
        let shown = try wire.ask("d", "show", ["model": .string(id)])
        digests.insert(try #require(shown["result"]?["sha256"]?.stringValue, "round \(round): \(shown)"))
        let isLabelled = !(model["labels"]?.elements.isEmpty ?? true)
        #expect((model["state"]?.stringValue == "live") == isLabelled, "round \(round): \(model)")
        guard isLabelled, model["task"]?.stringValue == "generate" else { continue }
        let answer = try wire.ask("g", "generate", ["model": .string(id), "prompt": "Once", "max_tokens": 2])
        #expect(answer.event == "done", "round \(round): \(answer)")
      }
      let blobs = names(in: daemon.scratch.file("state/blobs")).filter { $0.hasPrefix("sha256-") }
      #expect(blobs.count == digests.count, "round \(round)")
    }
  }
}
