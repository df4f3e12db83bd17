import JSON
import ModelFixtures
import Testing
import WireProtocol

@Suite("Prompts")
struct PromptTests {
  private let fixture: ServiceFixture
  private let client: FakeClient

  init() throws {
    fixture = try ServiceFixture()
    client = fixture.client()
    try fixture.install(TinyPack.chat(), as: "talker", by: client)
  }

  private func ids(_ members: [String: JSONValue]) throws -> [Int] {
    try client.ask("ids", "tokenize", members)["result"]?["tokens"]?.elements.compactMap {
      $0["id"]?.integerValue
    } ?? []
  }

  @Test("special tokens are marked, and a text may mean them")
  func special() throws {
    let tokens = try client.ask(
      "1", "tokenize", ["text": "a<|im_end|>", "special": true, "add_special": false])["result"]?["tokens"]?
      .elements
    #expect(
      tokens == [["id": 97, "text": "a"], ["id": 260, "text": "<|im_end|>", "special": true]])
    #expect(try ids(["text": "<|im_end|>", "add_special": false]) == "<|im_end|>".utf8.map(Int.init))
    // A text that begins with the model's first token gets no second.
    #expect(try ids(["text": "<s>a", "special": true]) == [257, 97])
    #expect(try ids(["text": "a", "special": true]) == [257, 97])
  }

  @Test("token ids are taken as they stand, within the vocabulary")
  func tokenPrompt() throws {
    let options: [String: JSONValue] = ["seed": 7, "max_tokens": 8]
    let text = try client.ask("1", "generate", options.merging(["prompt": "abc"]) { $1 })
    let tokens = try client.ask("2", "generate", options.merging(["prompt": [257, 97, 98, 99]]) { $1 })
    #expect(text["event"] == "done" && text["text"] == tokens["text"])
    let wrong = try client.ask("3", "generate", ["prompt": [1, 263]])
    #expect(wrong.errorCode == "bad_request" && wrong.message.contains("263"))
    let echo = try client.ask("4", "generate", ["prompt": [1, 2], "echo": true])
    #expect(echo["error"]?["param"] == "echo")
  }

  @Test("a model without a template says what to do, and show says so")
  func noTemplate() throws {
    try fixture.install(TinyPack.llama(), as: "plain", by: client)
    let messages: JSONValue = [["role": "user", "content": "hi"]]
    let members: [String: JSONValue] = ["messages": messages, "model": "plain"]
    let answer = try client.ask("1", "generate", members)
    #expect(answer.errorCode == "no_template" && answer["error"]?["param"] == "messages")
    #expect(answer.message.contains("'prompt'"))
    #expect(try client.ask("2", "tokenize", members).errorCode == "no_template")
    let details = try client.ask("3", "show", ["model": "plain"])["result"]?["details"]
    #expect(details?["chat"]?["usable"] == false)
  }
}
