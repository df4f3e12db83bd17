import JSON
import Testing
import Vocabulary

@testable import WireProtocol

@Suite("Conversations on the wire")
struct ConversationTests {
  private func input(_ members: String, operation: String = "generate") throws -> PromptInput? {
    let request = try Request(line: Array(#"{"id":1,"op":"\#(operation)",\#(members)}"#.utf8))
    switch request.operation {
    case .infer(.generate(let generate)): return generate.input
    case .ask(.tokenize(let tokenize)): return tokenize.input
    default: return nil
    }
  }

  private func refusal(_ members: String, operation: String = "generate") -> WireError? {
    do {
      _ = try input(members, operation: operation)
      return nil
    } catch {
      return (error as? RejectedRequest)?.error
    }
  }

  @Test("messages are read with all of their fields")
  func messages() throws {
    let found = try input(
      #"""
      "messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
      {"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f"}}],"reasoning_content":"r"},
      {"role":"tool","content":"4","tool_call_id":"c1","name":"f"}],
      "tools":[{"type":"function"}],"template_options":{"enable_thinking":false}
      """#)
    let expected = Conversation(
      messages: [
        ChatMessage(.system, "s"), ChatMessage(role: .user, content: .parts(["a", "b"])),
        ChatMessage(
          role: .assistant, content: nil, reasoning: "r", toolCalls: [["function": ["name": "f"]]]),
        ChatMessage(role: .tool, content: .text("4"), name: "f", toolCallID: "c1"),
      ], tools: [["type": "function"]],
      options: JSONObject(members: [.init(name: "enable_thinking", value: false)]))
    #expect(found == .chat(expected))
    #expect(expected.opensAnswer)
  }

  @Test("an answer is opened behind a user's or a tool's message, unless the request says otherwise")
  func opening() {
    func opens(_ role: ChatMessage.Role, _ says: Bool? = nil) -> Bool {
      Conversation(messages: [ChatMessage(role, "x")], addsGenerationPrompt: says).opensAnswer
    }
    #expect(opens(.user) && opens(.tool) && !opens(.assistant) && !opens(.system) && !opens(.developer))
    #expect(opens(.assistant, true) && !opens(.user, false))
  }

  @Test("a prompt is a text, a text with special tokens, or token ids")
  func prompts() throws {
    #expect(try input(#""prompt":"a""#) == .text("a"))
    #expect(try input(#""prompt":"a","special":true"#) == .text("a", special: true))
    #expect(try input(#""prompt":[1,0,7]"#) == .tokens([1, 0, 7]))
    #expect(try input(#""text":"a","special":true"#, operation: "tokenize") == .text("a", special: true))
    #expect(try input(#""prompt":"a","raw":true"#) == .text("a"))
  }

  @Test(
    "what makes no sense is refused, naming the field",
    arguments: [
      (#""seed":1"#, "prompt"), (#""prompt":"a","messages":[{"role":"user","content":"a"}]"#, "messages"),
      (#""messages":[]"#, "messages"), (#""messages":"hi""#, "messages"), (#""messages":[7]"#, "messages"),
      (#""messages":[{"role":"user"}]"#, "messages"), (#""messages":[{"content":"a"}]"#, "messages"),
      (#""messages":[{"role":"robot","content":"a"}]"#, "messages"),
      (#""messages":[{"role":"user","content":"a","mood":"x"}]"#, "messages"),
      (#""messages":[{"role":"user","content":[{"type":"image","url":"x"}]}]"#, "messages"),
      (#""messages":[{"role":"user","content":{"text":"a"}}]"#, "messages"),
      (#""messages":[{"role":"user","content":"a","tool_calls":[{}]}]"#, "messages"),
      (#""messages":[{"role":"user","content":"a","tool_call_id":"x"}]"#, "messages"),
      (#""messages":[{"role":"assistant","tool_calls":[1]}]"#, "messages"),
      (#""prompt":"a","tools":[]"#, "tools"), (#""prompt":"a","template_options":{}"#, "template_options"),
      (#""prompt":"a","add_generation_prompt":true"#, "add_generation_prompt"),
      (#""prompt":[1],"special":true"#, "special"), (#""prompt":[]"#, "prompt"),
      (#""prompt":[-1]"#, "prompt"),
      (#""messages":[{"role":"user","content":"a"}],"special":true"#, "special"),
      (#""messages":[{"role":"user","content":"a"}],"raw":true"#, "raw"),
      (#""messages":[{"role":"user","content":"a"}],"template_options":[]"#, "template_options"),
      (#""messages":[{"role":"user","content":"a"}],"template_options":{"tools":[]}"#, "template_options"),
      (
        #""messages":[{"role":"user","content":"a"}],"continue_final_message":true"#, "continue_final_message"
      ),
    ])
  func refusals(members: String, field: String) {
    #expect(refusal(members)?.code == .badRequest)
    #expect(refusal(members)?.parameter == field, "\(members)")
  }

  @Test("a refused message is named by its place, and never quoted")
  func place() {
    let error = refusal(
      #""messages":[{"role":"user","content":"a"},{"role":"user","content":"secret","mood":"secret"}]"#)
    #expect(
      error?.message == "messages[1]: a message has no field 'mood'; it takes role, content, "
        + "reasoning_content, name, tool_calls, tool_call_id")
  }

  @Test("there is a bound to messages")
  func count() {
    let many = Array(repeating: #"{"role":"user","content":""}"#, count: 4097).joined(separator: ",")
    #expect(refusal(#""messages":[\#(many)]"#)?.message.contains("4097 elements") == true)
  }

  @Test("tokenize takes no token ids, and no begin token beside a template's")
  func tokenize() {
    #expect(refusal(#""text":[1]"#, operation: "tokenize")?.parameter == "text")
    let both = #""messages":[{"role":"user","content":"a"}],"add_special":true"#
    #expect(refusal(both, operation: "tokenize")?.parameter == "add_special")
  }
}
