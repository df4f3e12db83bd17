import JSON
import Testing
import Vocabulary

@testable import WireProtocol

@Suite("Requests")
struct RequestTests {
  /// The error that `line` is refused with; nil when it is accepted.
  private func refusal(_ line: String) -> RejectedRequest? {
    do throws(RejectedRequest) {
      _ = try Request(line: Array(line.utf8))
      return nil
    } catch {
      return error
    }
  }

  private func generate(_ member: String) -> String { #"{"id":1,"op":"generate","prompt":"p",\#(member)}"# }

  @Test("the example of the documentation is read")
  func example() throws {
    let line =
      #"{"id": "7", "op": "generate", "model": "tiny@stable", "prompt": "Once", "stream": true, "seed": 18446744073709551615}"#
    let request = try Request(line: Array(line.utf8))
    var expected = GenerateRequest(prompt: "Once")
    expected.stream = true
    expected.seed = .max
    #expect(
      request
        == Request(
          id: .text("7"), model: ModelReference("tiny@stable"), operation: .infer(.generate(expected)))
    )
  }

  @Test("every operation comes back from its own line", arguments: Request.samples)
  func roundTrip(request: Request) throws {
    let line = request.encoded()
    #expect(!line.contains(10))
    #expect(try Request(line: line) == request)
  }

  @Test("the samples cover every operation")
  func coverage() {
    #expect(Set(Request.samples.map(\.operation.name)) == Set(Operation.Name.allCases))
  }

  @Test(
    "bounds are accepted",
    arguments: [
      #""max_tokens":1"#, #""max_tokens":1000000"#, #""temperature":0"#, #""temperature":5"#, #""top_k":0"#,
      #""top_k":1000"#, #""top_p":0"#, #""top_p":1"#, #""min_p":0.0"#, #""min_p":1"#,
      #""repetition_penalty":0.01"#,
      #""repetition_penalty":10"#, #""seed":0"#, #""logprobs":0"#, #""logprobs":20"#, #""deadline_ms":1"#,
      #""deadline_ms":86400000"#, #""stop":[]"#, #""stop":["a"]"#, #""stop":null"#, #""model":"m""#,
    ])
  func bounds(member: String) {
    #expect(refusal(generate(member)) == nil)
  }

  @Test(
    "what lies beyond a bound is refused, naming the field",
    arguments: [
      ("max_tokens", "0"), ("max_tokens", "1000001"), ("max_tokens", "1.5"), ("max_tokens", "\"5\""),
      ("temperature", "-0.1"), ("temperature", "5.1"), ("temperature", "true"), ("top_k", "-1"),
      ("top_k", "1001"),
      ("top_p", "-0.1"), ("top_p", "1.1"), ("min_p", "-1"), ("min_p", "2"), ("repetition_penalty", "0"),
      ("repetition_penalty", "10.1"), ("seed", "-1"), ("seed", "18446744073709551616"), ("seed", "1.0"),
      ("logprobs", "-1"), ("logprobs", "21"), ("stop", "\"a\""), ("stop", "[\"\"]"), ("stop", "[1]"),
      ("stop", "[\(String(repeating: "\"a\",", count: 16))\"a\"]"),
      ("stop", "[\"\(String(repeating: "a", count: 257))\"]"),
      ("stream", "1"), ("echo", "\"no\""), ("raw", "0"), ("deadline_ms", "0"), ("deadline_ms", "86400001"),
      ("model", "\"A\""), ("model", "7"), ("temprature", "1"),
    ])
  func beyond(field: String, value: String) {
    let found = refusal(generate("\"\(field)\":\(value)"))
    #expect(found?.id == .integer(1))
    #expect(found?.error.code == .badRequest)
    #expect(found?.error.parameter == field)
    #expect(found?.error.message.contains("'\(field)'") == true)
  }

  @Test("a range error says what was found and what is allowed")
  func rangeText() {
    let message = refusal(generate(#""temperature":7"#))?.error.message
    #expect(message == "'temperature' must be a number in 0.0...5.0, found 7")
  }

  @Test(
    "other operations check their fields too",
    arguments: [
      (#"{"id":1,"op":"classify","fd":true,"top":0}"#, "top"),
      (#"{"id":1,"op":"classify","fd":true,"top":1001}"#, "top"),
      (#"{"id":1,"op":"classify"}"#, "image"), (#"{"id":1,"op":"classify","image":"Zg==","fd":true}"#, "fd"),
      (#"{"id":1,"op":"classify","image":"Z"}"#, "image"), (#"{"id":1,"op":"embed"}"#, "text"),
      (#"{"id":1,"op":"embed","text":"a","fd":true}"#, "text"), (#"{"id":1,"op":"tokenize"}"#, "text"),
      (#"{"id":1,"op":"detokenize","tokens":[-1]}"#, "tokens"),
      (#"{"id":1,"op":"detokenize","tokens":["a"]}"#, "tokens"),
      (#"{"id":1,"op":"install"}"#, "fd"), (#"{"id":1,"op":"install","fd":true,"name":"../x"}"#, "name"),
      (#"{"id":1,"op":"install","fd":true,"label":"L"}"#, "label"),
      (#"{"id":1,"op":"install","path":"/etc/passwd"}"#, "fd"),
      (#"{"id":1,"op":"promote"}"#, "model"), (#"{"id":1,"op":"show"}"#, "model"),
      (#"{"id":1,"op":"cancel"}"#, "target"),
      (#"{"id":1,"op":"status","verbose":true}"#, "verbose"), (#"{"op":"status"}"#, "id"),
      (#"{"id":"","op":"status"}"#, "id"),
      (#"{"id":1.5,"op":"status"}"#, "id"), (#"{"id":1}"#, "op"), (#"{"id":1,"op":7}"#, "op"),
    ])
  func otherOperations(line: String, field: String) {
    #expect(refusal(line)?.error.parameter == field, "\(line)")
  }

  @Test("an unknown operation is refused with the list of known ones")
  func unknownOperation() {
    let error = refusal(#"{"id":"x","op":"chat"}"#)
    #expect(error?.id == .text("x"))
    #expect(error?.error.code == .unknownOperation)
    #expect(error?.error.message.contains("generate") == true)
  }

  @Test(
    "lines that are no JSON objects are refused without an id", arguments: ["", "[]", "7", "{", "nonsense"])
  func noObject(line: String) {
    #expect(
      refusal(line) == RejectedRequest(id: nil, error: refusal(line)?.error ?? WireError(.internal, "")))
    #expect(refusal(line)?.error.code == .badJSON)
  }

  @Test("no error quotes a prompt")
  func privacy() {
    for line in [
      #"{"id":1,"op":"generate","prompt":"secret","top_k":"secret"}"#,
      #"{"id":1,"op":"generate","prompt":["secret"]}"#,
      #"{"id":1,"op":"generate","prompt":"secret"#, #"{"id":1,"op":"classify","image":"secret"}"#,
    ] {
      #expect(refusal(line)?.error.message.contains("secret") == false)
    }
  }
}

extension Request {
  /// One request of each operation, with every field set somewhere.
  static var samples: [Request] {
    var full = GenerateRequest(prompt: "é\n\"")
    (full.maximumTokens, full.temperature, full.topK, full.topP, full.minP) = (9, 0.7, 40, 0.9, 0.05)
    (full.repetitionPenalty, full.seed, full.stop, full.logprobs) = (1.1, .max, ["\n", "END"], 3)
    (full.stream, full.echo, full.deadlineMilliseconds) = (true, true, 5000)
    let conversation = Conversation(
      messages: [
        ChatMessage(.system, "s"), ChatMessage(role: .user, content: .parts(["a", "b"]), name: "n"),
        ChatMessage(role: .assistant, content: nil, reasoning: "r", toolCalls: [["id": "c"]]),
        ChatMessage(role: .tool, content: .text(""), toolCallID: "c"),
      ], tools: [["type": "function"]], options: JSONObject(members: [.init(name: "x", value: 1)]),
      addsGenerationPrompt: false)
    let model = ModelReference("m:2")
    let inferences: [Operation.Inference] = [
      .classify(.init(image: .bytes([1, 2, 3, 255]))), .generate(full),
      .generate(GenerateRequest(prompt: "")), .generate(GenerateRequest(.text("s", special: true))),
      .generate(GenerateRequest(.tokens([0, 7]))), .generate(GenerateRequest(.chat(conversation))),
      .classify(.init(image: .descriptor, top: 1, deadlineMilliseconds: 10)),
      .embed(.init(input: .text("t"))),
      .embed(.init(input: .image(.descriptor), deadlineMilliseconds: 1)),
    ]
    let questions: [Operation.Question] = [
      .hello, .tokenize(.init(text: "t", addsSpecial: false)), .tokenize(.init(.chat(conversation))),
      .tokenize(.init(text: "t", special: true)), .detokenize(.init(tokens: [0, 1, 2])), .models,
      .show, .ps, .status, .stats, .metrics,
    ]
    let changes: [Operation.Change] = [
      .install(.init(name: "n", label: "l", force: true)),
      .install(.init()), .load, .unload, .promote(.init(label: "canary", force: true)), .promote(.init()),
      .rollback(label: "stable"), .unlabel(label: "canary"), .remove(RemoveRequest()),
      .remove(RemoveRequest(force: true)),
    ]
    let others: [Operation] = [.cancel(target: .text("x")), .cancel(target: .integer(-1)), .watch]
    let operations =
      inferences.map { Operation.infer($0) } + questions.map { .ask($0) } + changes.map { .change($0) }
      + others
    return operations.enumerated().map {
      Request(id: .integer($0.offset), model: model, operation: $0.element)
    }
  }
}
