import Glibc
import JSON
import ModelFixtures
import Service
import Testing
import WireProtocol

@Suite("Rights")
struct RightsTests {
  @Test(
    "only administrators change models",
    arguments: ["install", "load", "unload", "promote", "rollback", "remove"])
  func refused(operation: String) throws {
    let fixture = try ServiceFixture()
    let (admin, other) = (fixture.client(), fixture.client(uid: 4242, connection: 2))
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    let members: [String: JSONValue] = operation == "install" ? ["fd": true] : ["model": "tiny:1"]
    let answer = try other.ask("1", operation, members)
    #expect(answer.errorCode == "forbidden")
    #expect(answer.message.contains("4242") && answer.message.contains("admin_users"))
    #expect(try admin.ask("1", "models")["result"]?["models"]?.elements.count == 1)
  }

  @Test("everybody who is connected may infer and ask")
  func allowed() throws {
    let fixture = try ServiceFixture()
    try fixture.install(TinyPack.llama(), as: "tiny", by: fixture.client())
    let other = fixture.client(uid: 4242, connection: 2)
    #expect(try other.ask("1", "generate", ["prompt": "a", "max_tokens": 2])["event"] == "done")
    for operation in ["models", "ps", "status", "stats", "metrics"] {
      #expect(try other.ask("2", operation)["event"] == "result")
    }
    #expect(try other.ask("3", "hello")["result"]?["rights"] == ["infer"])
    #expect(try fixture.client().ask("3", "hello")["result"]?["rights"] == ["infer", "admin"])
    #expect(try fixture.client(uid: 0).ask("3", "hello")["result"]?["rights"] == ["infer", "admin"])
  }

  @Test("a new policy is in force for the next request")
  func reload() throws {
    let fixture = try ServiceFixture()
    let other = fixture.client(uid: 4242, connection: 2)
    #expect(try other.ask("1", "load", ["model": "none:1"]).errorCode == "forbidden")
    fixture.service.apply(ServiceFixture.policy(administrators: [4242]))
    #expect(try other.ask("2", "load", ["model": "none:1"]).errorCode == "unknown_model")
    #expect(try fixture.client().ask("3", "load", ["model": "none:1"]).errorCode == "forbidden")
  }
}
