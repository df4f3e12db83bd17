import Checkpoints
import Engine
import ModelFixtures
import Packs
import Testing
import WireProtocol

@Suite("Changes of models")
struct ModelChangeTests {
  /// A pack whose record says that quantization multiplied its perplexity by `ratio`.
  private func pack(ratio: Double, seed: UInt64 = 1) throws -> TinyPack {
    var pack = try TinyPack.llama(seed: seed)
    let entry = QualityRecord.Entry(data: "stories", count: 1000, kind: .text, perplexityRatio: ratio)
    try pack.set(
      PackSection.quality, QualityRecord(entries: [entry], layerErrors: [:], bytes: 1, date: "2026-01-01"))
    return pack
  }

  @Test("a version that misses the quality gate is promoted only by force")
  func qualityGate() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    #expect(try fixture.install(pack(ratio: 1.5, seed: 2), as: "tiny", by: admin)["event"] == "result")
    let refused = try admin.ask("p", "promote", ["model": "tiny:2"])
    #expect(refused.errorCode == "quality_gate")
    #expect(refused.message.contains("1.5") && refused.message.contains("1.1"))
    #expect(try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["model"] == "tiny:1")
    #expect(try admin.ask("p", "promote", ["model": "tiny:2", "force": true])["event"] == "result")
    #expect(try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["model"] == "tiny:2")
  }

  @Test("a version within the gate is promoted")
  func goodQuality() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    try fixture.install(pack(ratio: 1.05, seed: 2), as: "tiny", by: admin)
    let change = try admin.ask("p", "promote", ["model": "tiny:2"])["result"]
    #expect(change?["label"] == "stable" && change?["previous"] == "tiny:1")
  }

  @Test("a model beyond the memory budget is refused with the numbers, and what runs goes on")
  func memoryBudget() throws {
    let needed = try RunnableModel.workingBytes(
      TinyPack.llama().open(), .init(imageBatch: 2, sequences: 2, cacheBytes: 1 << 20), stepTokens: 64)
    let fixture = try ServiceFixture(memoryBudget: needed * 3 / 2 + (1 << 16))
    let admin = fixture.client()
    #expect(try fixture.install(TinyPack.llama(), as: "first", by: admin)["event"] == "result")
    let answer = try fixture.install(TinyPack.llama(seed: 2), as: "second", by: admin)
    #expect(answer.errorCode == "memory_budget")
    #expect(answer.message.contains("MiB"))
    #expect(try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["event"] == "done")
    try admin.ask("u", "unload", ["model": "first"])
    #expect(try admin.ask("l", "load", ["model": "second:1"])["event"] == "result")
  }

  @Test("a labelled version that is unloaded and loaded again is live, another one is ready")
  func loadedAgain() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    try fixture.install(TinyPack.llama(seed: 2), as: "tiny", by: admin)
    try admin.ask("u", "unload", ["model": "tiny:1"])
    #expect(try admin.ask("l", "load", ["model": "tiny:1"])["result"]?["state"] == "live")
    #expect(try admin.ask("l", "load", ["model": "tiny:2"])["result"]?["state"] == "ready")
    let models = try admin.ask("m", "models")["result"]?["models"]?.elements ?? []
    #expect(models.map { $0["state"] } == ["live", "ready"])
  }

  @Test("a damaged pack is refused and not registered")
  func damagedPack() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    var pack = try TinyPack.llama()
    pack.sections[PackSection.configuration] = "{}"
    #expect(try fixture.install(pack, as: "tiny", by: admin).errorCode == "bad_pack")
    #expect(try admin.ask("m", "models")["result"]?["models"]?.elements.isEmpty == true)
  }

  @Test("a scheme that no kernel implements is refused", arguments: [0, 6, 7, 16])
  func wrongScheme(bits: Int) throws {
    let fixture = try ServiceFixture()
    var pack = try TinyPack.llama()
    let scheme = try #require(pack.sections[PackSection.scheme])
    for key in ["queryBits", "keyBits", "valueBits"] {
      let parts = scheme.split(separator: "\"\(key)\":", omittingEmptySubsequences: false)
      pack.sections[PackSection.scheme] = parts.dropFirst().reduce(String(parts[0])) { text, part in
        text + "\"\(key)\":\(bits)" + part.drop { $0.isNumber }
      }
      #expect(try fixture.install(pack, as: "tiny", by: fixture.client()).errorCode == "bad_pack", "\(key)")
    }
  }

  @Test("watchers hear of changes until they cancel")
  func watch() throws {
    let fixture = try ServiceFixture()
    let (admin, watcher) = (fixture.client(), fixture.client(uid: 4242, connection: 2))
    watcher.send("w", "watch")
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    let news = try watcher.next()
    #expect(news["event"] == "progress" && news["id"] == "w")
    #expect(news["message"] == "install tiny:1")
    #expect(news["details"]?["model"] == "tiny:1")
    watcher.send("c", "cancel", ["target": "w"])
    #expect(try watcher.next().errorCode == "cancelled")
    #expect(try watcher.next()["result"]?["found"] == true)
    try admin.ask("u", "unload", ["model": "tiny"])
    #expect(
      try watcher.ask("w", "status")["event"] == "result", "the id is free again, and no more news comes")
  }
}
