import Dispatch
import JSON
import ModelFixtures
import TestSupport
import Testing
import WireProtocol

@testable import Service

@Suite("Asking again")
struct AskingAgainTests {
  @Test("ends, for every inference alike, where the engine goes on refusing the version that is found")
  func isBounded() throws {
    let fixture = try ServiceFixture()
    let client = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: client)
    try fixture.install(TinyPack.vit(), as: "eye", by: client)
    // Behind the catalog's back, so that every repetition finds the same version.
    for model in fixture.service.catalog.loaded {
      let removed = DispatchSemaphore(value: 0)
      fixture.service.engine.remove(model.key) { removed.signal() }
      #expect(removed.wait(timeout: .now() + 30) == .success)
    }
    let picture = JSONValue.string(Base64.encode(TinyCheckpoints.picture(seed: 1)))
    for (operation, members, model) in [
      ("generate", ["prompt": "a"], "tiny:1"), ("embed", ["text": "a"], "tiny:1"),
      ("classify", ["image": picture], "eye:1"), ("embed", ["image": picture], "eye:1"),
    ] as [(String, [String: JSONValue], String)] {
      // The same id each time: a request that ended has left the book.
      let answer = try client.ask("1", operation, members)
      #expect(answer.errorCode == "model_not_loaded", "\(operation): \(answer)")
      #expect(answer.message == "'\(model)' is not loaded. Try: qclient load \(model)")
    }
    #expect(!client.wasIdleWhenAnswered)
  }
}
