import ModelFixtures
import Testing
import WireProtocol

@Suite("Removing versions and labels")
struct RemovalTests {
  @Test("a model with one version is unloaded and removed, although it has a label")
  func onlyVersion() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "solo", by: admin)
    let refused = try admin.ask("r", "remove", ["model": "solo"])
    #expect(refused.errorCode == "conflict" && refused.message.contains("unload it"))
    try admin.ask("u", "unload", ["model": "solo"])
    #expect(try admin.ask("r", "remove", ["model": "solo"])["result"]?["state"] == "removed")
    #expect(try admin.ask("m", "models")["result"]?["models"]?.elements.isEmpty == true)
    #expect(try fixture.install(TinyPack.llama(), as: "solo", by: admin)["event"] == "result")
    #expect(try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["event"] == "done")
  }

  @Test("a labelled version among others goes by force alone, and its label falls back")
  func labelledVersion() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    for seed in [1, 2] { try fixture.install(TinyPack.llama(seed: UInt64(seed)), as: "tiny", by: admin) }
    try admin.ask("p", "promote", ["model": "tiny:2"])
    try admin.ask("u", "unload", ["model": "tiny:2"])
    let refused = try admin.ask("r", "remove", ["model": "tiny:2"])
    #expect(refused.errorCode == "conflict")
    #expect(refused.message.contains("unlabel") && refused.message.contains("force"))
    #expect(try admin.ask("r", "remove", ["model": "tiny:2", "force": true])["event"] == "result")
    #expect(try admin.ask("l", "load", ["model": "tiny"])["result"]?["model"] == "tiny:1")
  }

  @Test("a label is taken away and the version that only it held is unloaded")
  func unlabel() throws {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    let missing = try admin.ask("n", "unlabel", ["model": "tiny", "label": "canary"])
    #expect(missing.errorCode == "unknown_model")
    #expect(try admin.ask("n", "unlabel", ["model": "tiny"]).errorCode == "bad_request")
    let change = try admin.ask("n", "unlabel", ["model": "tiny", "label": "stable"])["result"]
    #expect(change?["model"] == "tiny:1" && change?["label"] == "stable")
    #expect(try admin.ask("r", "remove", ["model": "tiny:1"])["event"] == "result")
  }

  @Test("an unloaded version is not loaded by the next start, a loaded one is")
  func restart() throws {
    let folder = try StateFolder()
    try Self.installTwoAndUnloadOne(folder)
    #expect(try Self.runningAfterStart(folder) == ["kept"])
  }

  private static func installTwoAndUnloadOne(_ folder: StateFolder) throws {
    let fixture = try ServiceFixture(folder: folder)
    let admin = fixture.client()
    for name in ["kept", "left"] { try fixture.install(TinyPack.llama(), as: name, by: admin) }
    try admin.ask("u", "unload", ["model": "left"])
  }

  /// The models that run once a new service has started on a state folder.
  private static func runningAfterStart(_ folder: StateFolder) throws -> [String] {
    let fixture = try RestartedService(folder)
    #expect(fixture.problems.isEmpty)
    let models = try fixture.client.ask("p", "ps")["result"]?["models"]?.elements ?? []
    return models.compactMap { $0["model"]?["name"]?.stringValue }
  }
}
