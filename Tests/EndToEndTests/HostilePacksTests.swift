import Glibc
import JSON
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("Packs that are wrong", .timeLimit(.minutes(3)))
  struct HostilePacks {
    private let daemon: TestDaemon
    private let wire: WireConnection

    init() throws {
      daemon = try TestDaemon.withModels()
      wire = try daemon.connect()
    }

    @Test("a pack cut at any place is refused and leaves nothing behind")
    func truncated() throws {
      for source in [try TinyPacks.language(seed: 3), try TinyPacks.classifier(seed: 3)] {
        let bytes = contents(source)
        let places = (0..<25).map { bytes.count * $0 / 25 } + [1, 7, 8, 9, bytes.count - 1]
        for place in places {
          let answer = try install(Array(bytes[..<place]))
          #expect(answer.errorCode == "bad_pack", "\(place) of \(bytes.count) bytes: \(answer)")
        }
      }
      try expectWholeRegistry(models: ["tiny-llama", "tiny-vit"])
    }

    @Test("a pack with any field of its header changed is refused or works; the daemon lives")
    func mutatedHeaders() throws {
      var random = SeededGenerator(seed: 88)
      var accepted = 0
      for source in [try TinyPacks.language(seed: 3), try TinyPacks.classifier(seed: 3)] {
        let bytes = contents(source)
        let header = 8 + bytes[..<8].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        for index in 0..<150 {
          let mutated = Self.mutate(bytes, header: header, index, &random)
          let answer = try install(mutated)
          if answer.event == "result" {
            accepted += 1
            try exercise(try #require(answer["result"]?["model"]?.stringValue))
          } else {
            #expect(["bad_pack", "bad_request", "memory_budget"].contains(answer.errorCode), "\(answer)")
          }
        }
      }
      print("mutated packs: \(accepted) of 300 still made sense")
      try expectWholeRegistry(models: ["tiny-llama", "tiny-vit"])
    }

    /// Changes numbers, names and punctuation of the header, the parts in turn so that each field has its share.
    private static func mutate(
      _ bytes: [UInt8], header: Int, _ index: Int, _ random: inout SeededGenerator
    ) -> [UInt8] {
      var bytes = bytes
      if index < 8 {  // the length of the header
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        return bytes
      }
      let share = max(1, (header - 8) / 142)
      let from = 8 + (index - 8) * share
      let place = Int.random(in: from..<min(header, from + share), using: &random)
      let digit = bytes[place...].prefix(header - place).firstIndex { (0x30...0x39).contains($0) }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: if let digit { bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random) }
      default: if let digit { bytes[digit] = UInt8(ascii: "9") }
      }
      return bytes
    }

    private func install(_ bytes: [UInt8]) throws -> JSONValue {
      let path = try daemon.scratch.write(bytes, to: "mutant")
      do {
        return try withFile(path) { try wire.ask("install", "install", ["name": "mutant"], file: $0) }
      } catch {
        throw HarnessError("\(error); the daemon said: \(daemon.process.errors.prefix(2000))")
      }
    }

    /// Asks a version that was let in, whatever it answers, and removes it.
    private func exercise(_ model: String) throws {
      let picture = JSONValue.string(Base64.encode(TinyCheckpoints.picture(seed: 1)))
      let name = JSONValue.string(model)
      try wire.ask("l", "load", ["model": name])
      try wire.ask("g", "generate", ["model": name, "prompt": "Once upon a time", "max_tokens": 5])
      try wire.ask("c", "classify", ["model": name, "image": picture])
      try wire.ask("s", "show", ["model": name])
      // The first of a name is labelled, and a label keeps its version: point it elsewhere by installing a good one.
      try wire.ask("u", "unload", ["model": name])
      try wire.ask("r", "remove", ["model": name])
    }

    /// The registry and the store agree, and what served before serves.
    private func expectWholeRegistry(models expected: Set<String>) throws {
      let models = try wire.ask("models", "models")["result"]?["models"]?.elements ?? []
      #expect(Set(models.compactMap { $0["name"]?.stringValue }).subtracting(["mutant"]) == expected)
      let digests = try Set(
        models.compactMap { model -> String? in
          let id = "\(model["name"]?.stringValue ?? ""):\(model["version"]?.integerValue ?? 0)"
          return try wire.ask("show", "show", ["model": .string(id)])["result"]?["sha256"]?.stringValue
        })
      #expect(names(in: daemon.scratch.file("state/blobs")).count == digests.count)
      #expect(try wire.ask("g", "generate", ["prompt": "Once", "max_tokens": 3]).event == "done")
      try daemon.restart()
      let after = try daemon.connect().ask("models", "models")["result"]?["models"]?.elements ?? []
      #expect(after.count == models.count)
    }
  }
}
