import Glibc
import JSON
import ModelFixtures
import Packs
import TestSupport
import Testing
import WireProtocol

@Suite("Inference")
struct InferenceTests {
  private let fixture: ServiceFixture
  private let client: FakeClient

  init() throws {
    fixture = try ServiceFixture()
    client = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: client)
  }

  @Test("a prompt beyond the context is refused with both numbers")
  func contextOverflow() throws {
    let answer = try client.ask("1", "generate", ["prompt": .string(String(repeating: "a", count: 500))])
    #expect(answer.errorCode == "context_overflow")
    #expect(answer.message.contains("501") && answer.message.contains("128"), "\(answer.message)")
  }

  @Test("an embedding takes as many tokens as the context holds, and a generation one fewer")
  func wholeContext() throws {
    func ask(_ operation: String, _ field: String, _ letters: Int) throws -> JSONValue {
      let text = JSONValue.string(String(repeating: "a", count: letters))
      return try client.ask("1", operation, [field: text])
    }
    #expect(try ask("embed", "text", 127)["event"] == "result")
    #expect(try ask("embed", "text", 128).errorCode == "context_overflow")
    #expect(try ask("generate", "prompt", 126)["event"] == "done")
    #expect(try ask("generate", "prompt", 127).errorCode == "context_overflow")
  }

  @Test("what a tokenizer puts behind a text goes into an embedding, not in front of an answer")
  func suffix() throws {
    var pack = try TinyPack.llama()
    let header = try #require(pack.sections[PackSection.tokenizer])
    pack.sections[PackSection.tokenizer] = #"{"suffix":[258],"# + header.dropFirst()
    try fixture.install(pack, as: "ended", by: client)
    func promptTokens(_ operation: String, _ field: String) throws -> JSONValue? {
      let answer = try client.ask("1", operation, [field: "ab", "model": "ended"])
      return (answer["usage"] ?? answer["result"]?["usage"])?["prompt_tokens"]
    }
    #expect(try promptTokens("embed", "text") == 4)
    #expect(try promptTokens("generate", "prompt") == 3)
  }

  @Test("a pack's settings count where the request is silent, and show in its details")
  func packDefaults() throws {
    var pack = try TinyPack.llama()
    pack.sections[PackSection.generation] = """
      {"maxTokens":3,"minP":1,"stop":["zz"],"temperature":1,"topK":0,"topP":1,"leftOut":["typical_p"]}
      """
    try fixture.install(pack, as: "author", by: client)
    let texts = try (0..<5).map { seed in
      let answer = try client.ask(
        "1", "generate", ["prompt": "a", "model": "author", "seed": .integer(seed)])
      #expect((answer["usage"]?["completion_tokens"]?.integerValue ?? 9) <= 3)
      return answer["text"]
    }
    #expect(Set(texts.map { $0?.stringValue ?? "" }).count == 1)
    let details = try client.ask("2", "show", ["model": "author"])["result"]?["details"]?["generation"]
    #expect(details?["min_p"]?.doubleValue == 1 && details?["repetition_penalty"]?.doubleValue == 1)
    #expect(details?["max_tokens"] == 3 && details?["left_out"]?.elements == ["typical_p"])
  }

  @Test("what a pack's defaults may be is what a request may ask for")
  func ranges() {
    typealias Pack = GenerationDefaults.Allowed
    typealias Request = GenerateRequest.Allowed
    #expect(Pack.temperature == Request.temperature && Pack.probability == Request.probability)
    #expect(Pack.repetitionPenalty == Request.repetitionPenalty)
    #expect(Pack.stopCount == Request.stopCount && Pack.stopBytes == Request.stopBytes)
  }

  @Test("an answer is cut at the end of the context")
  func contextEnd() throws {
    let answer = try client.ask(
      "1", "generate",
      ["prompt": .string(String(repeating: "a", count: 120)), "max_tokens": 100, "temperature": 0])
    let (prompt, tokens) = (
      answer["usage"]?["prompt_tokens"], answer["usage"]?["completion_tokens"]?.integerValue
    )
    #expect(prompt == 121)
    #expect((0...7).contains(tokens ?? -1), "\(answer)")
  }

  @Test("an unknown model is refused with the next command, one that is not loaded with another")
  func unknownModel() throws {
    let unknown = try client.ask("1", "generate", ["prompt": "a", "model": "absent"])
    #expect(unknown.errorCode == "unknown_model")
    #expect(unknown.message.contains("absent") && unknown.message.contains("list"))
    let none = try client.ask(
      "2", "classify", ["image": .string(Base64.encode(TinyCheckpoints.picture(seed: 1)))])
    #expect(none.errorCode == "unknown_model")
    #expect(none.message.contains("qclient install"))
    try client.ask("3", "unload", ["model": "tiny"])
    let unloaded = try client.ask("4", "generate", ["prompt": "a"])
    #expect(unloaded.errorCode == "model_not_loaded")
    #expect(unloaded.message.contains("qclient load tiny:1"))
  }

  @Test("a request for the wrong kind of model is refused")
  func wrongTask() throws {
    let picture = JSONValue.string(Base64.encode(TinyCheckpoints.picture(seed: 1)))
    #expect(try client.ask("1", "classify", ["image": picture, "model": "tiny"]).errorCode == "bad_request")
    try fixture.install(TinyPack.vit(), as: "eye", by: client)
    #expect(try client.ask("2", "generate", ["prompt": "a", "model": "eye"]).errorCode == "bad_request")
    #expect(try client.ask("3", "classify", ["image": picture])["result"]?["model"] == "eye:1")
  }

  @Test("probabilities sum to one and fall")
  func probabilities() throws {
    try fixture.install(TinyPack.vit(), as: "eye", by: client)
    let picture = JSONValue.string(Base64.encode(TinyCheckpoints.picture(seed: 1)))
    let predictions =
      try client.ask("1", "classify", ["image": picture])["result"]?["predictions"]?.elements ?? []
    let values = predictions.compactMap { $0["probability"]?.doubleValue }
    #expect(values.count == 5)
    #expect(abs(values.reduce(0, +) - 1) < 1e-12)
    #expect(values == values.sorted(by: >))
  }

  @Test("a connection that closes gives up its requests")
  func close() throws {
    for index in 0..<4 { client.send("g\(index)", "generate", ["prompt": "a", "max_tokens": 100]) }
    fixture.service.close(1)
    #expect(fixture.service.isIdle(1))
    let other = fixture.client(connection: 2)
    #expect(try other.ask("1", "generate", ["prompt": "a", "max_tokens": 3])["event"] == "done")
    // The numbers are those of the last step, which ends after its answers went out.
    var underWay = -1
    for _ in 0..<100 where underWay != 0 {
      let status = try other.ask("2", "status")["result"]
      underWay = (status?["active"]?.integerValue ?? 0) + (status?["queued"]?.integerValue ?? 0)
    }
    #expect(underWay == 0)
  }

  @Test("a connection is not idle, and so not closed, before its last answer is on its way")
  func busyUntilAnswered() throws {
    try fixture.install(TinyPack.vit(), as: "eye", by: client)
    let other = fixture.client(connection: 2)
    let picture = JSONValue.string(Base64.encode(TinyCheckpoints.picture(seed: 1)))
    #expect(try other.ask("1", "generate", ["prompt": "a", "max_tokens": 3])["event"] == "done")
    #expect(try other.ask("1", "classify", ["image": picture])["event"] == "result")
    #expect(!other.wasIdleWhenAnswered)
  }

  @Test("a stopping service refuses new work and answers questions")
  func stopping() throws {
    fixture.stop()
    let answer = try client.ask("1", "generate", ["prompt": "a"])
    #expect(answer.errorCode == "shutting_down")
    #expect(answer["error"]?["retryable"] == true)
    #expect(try client.ask("2", "status")["result"]?["state"] == "draining")
  }

  @Test("lines that are no requests are answered under their id where they have one")
  func badLines() throws {
    client.send(line: "nonsense")
    guard case .object(let unnamed) = try client.next() else { throw POSIXFailure(code: EBADMSG) }
    #expect(unnamed["id"] == .null)
    client.send(line: "{\"id\":7,\"op\":\"generate\"}")
    let answer = try client.next()
    #expect(answer["id"] == 7 && answer.errorCode == "bad_request")
    #expect(answer["error"]?["param"] == "prompt")
  }
}
