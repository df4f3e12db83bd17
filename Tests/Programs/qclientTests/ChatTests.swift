import Glibc
import JSON
import Synchronization
import Testing
import Transport
import Vocabulary
import WireProtocol

@testable import qclient

@Suite("Chat against a daemon", .serialized)
struct ChatTests {
  /// Answers every conversation with the number of its messages, after a thought.
  private static let talker: FakeDaemon.Answer = { request, files in
    guard case .infer(.generate(let generate)) = request.operation,
      case .chat(let conversation) = generate.input
    else { return FakeDaemon.healthy(request, files) }
    let (id, count) = (request.id, conversation.messages.count)
    if conversation.messages.last?.text == "fail" { return [.error(id, WireError(.busy, "too much"))] }
    let done = DoneEvent(
      finishReason: .stop, text: generate.stream ? nil : "answer \(count)", reasoning: nil,
      usage: Usage(promptTokens: 1, completionTokens: 2), timings: Timings(), model: "talker:1")
    let events: [Event] = [
      Event(id: id, .reasoning(TokenEvent(text: "hm", index: 0))),
      Event(id: id, .token(TokenEvent(text: "answer ", index: 1))),
      Event(id: id, .token(TokenEvent(text: "\(count)", index: 2))),
    ]
    return (generate.stream ? events : []) + [Event(id: id, .done(done))]
  }

  private func messages(_ daemon: FakeDaemon) -> [[ChatMessage]] {
    daemon.requests.withLock { $0 }.compactMap { request in
      guard case .infer(.generate(let generate)) = request.operation,
        case .chat(let conversation) = generate.input
      else { return nil }
      return conversation.messages
    }
  }

  @Test("in a pipe every line is a turn, and only answers are printed")
  func pipe() throws {
    let daemon = try FakeDaemon(Self.talker)
    let outcome = daemon.run("chat", "tiny", "--system", "be brief", "--seed", "1", input: "one\n\ntwo\n")
    #expect(outcome.code == .success && outcome.error.isEmpty)
    #expect(outcome.output == "answer 2\nanswer 4\n")
    let answer = ChatMessage(.assistant, "answer 2", reasoning: "hm")
    let first = [ChatMessage(.system, "be brief"), ChatMessage(.user, "one")]
    #expect(messages(daemon) == [first, first + [answer, ChatMessage(.user, "two")]])
    #expect(daemon.requests.withLock { $0 }.allSatisfy { $0.model?.description == "tiny" })
  }

  @Test("with --json each answer is one object, or every event with --stream")
  func json() throws {
    let daemon = try FakeDaemon(Self.talker)
    let answers = daemon.run("chat", "--json", input: "one\ntwo\n").output.split(separator: "\n")
    let texts = try answers.map { try JSONValue(parsing: Array($0.utf8))["text"] }
    #expect(texts == ["answer 1", "answer 3"])
    let events = daemon.run("chat", "--json", "--stream", input: "one\n").output.split(separator: "\n")
    #expect(
      try events.map { try JSONValue(parsing: Array($0.utf8))["event"] } == [
        "reasoning", "token", "token", "done",
      ])
  }

  @Test("a conversation is saved, reset and loaded")
  func files() throws {
    let daemon = try FakeDaemon(Self.talker)
    let path = daemon.directory + "/talk.json"
    defer { unlink(path) }
    let input = "/system be brief\none\n/save \(path)\n/reset\ntwo\n/load \(path)\nthree\n"
    let outcome = daemon.run("chat", input: input)
    #expect(outcome.code == .success && outcome.output == "answer 2\nanswer 2\nanswer 4\n")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("a failure in a pipe ends the program with its own code")
  func failures() throws {
    let daemon = try FakeDaemon(Self.talker)
    let refused = daemon.run("chat", input: "one\nfail\ntwo\n")
    #expect(
      refused.code == .tryLater && refused.output == "answer 1\n" && refused.error == "qclient: too much\n")
    let unknown = daemon.run("chat", input: "/rest\n")
    #expect(unknown.code == .badData)
    #expect(unknown.error.hasPrefix("qclient: unknown command '/rest'; did you mean 'reset'?"))
    #expect(daemon.run("chat", input: "/load /nonexistent\n").code == .noInput)
    #expect(daemon.run("chat", "tiny", "--model", "tiny").code == .usage)
  }

  @Test("thoughts are dim at a terminal, and between their tags where there are no colours")
  func thoughts() throws {
    let daemon = try FakeDaemon(Self.talker)
    let dim = daemon.runAtTerminal("generate", "a")
    #expect(dim.code == .success && dim.output == "\u{1B}[2mhm\u{1B}[0m\n\nanswer 1\n")
    let plain = daemon.runAtTerminal("generate", "a", environment: ["NO_COLOR": "1"])
    #expect(plain.output == "<think>\nhm\n</think>\nanswer 1\n")
  }

  @Test("at a terminal a failure is told, and the conversation goes on with what was said")
  func failuresAtTerminal() throws {
    let daemon = try FakeDaemon { request, files in
      guard case .infer(.generate(let generate)) = request.operation,
        case .chat(let conversation) = generate.input, conversation.messages.last?.text == "slow"
      else { return Self.talker(request, files) }
      let done = DoneEvent(
        finishReason: .deadline, usage: Usage(promptTokens: 1, completionTokens: 1), timings: Timings(),
        model: "talker:1")
      return [
        Event(id: request.id, .token(TokenEvent(text: "so", index: 0))), Event(id: request.id, .done(done)),
      ]
    }
    let outcome = daemon.runAtTerminal("chat", typed: "slow\nfail\n/rest\nend\n\u{4}")
    #expect(outcome.code == .success)
    for told in ["no answer within", "too much", "did you mean 'reset'?", ">>> ", "answer 3"] {
      #expect(outcome.output.contains(told), "\(outcome.output)")
    }
    let kept = [ChatMessage(.user, "slow"), ChatMessage(.assistant, "so")]
    #expect(messages(daemon).last == kept + [ChatMessage(.user, "end")])
  }

  @Test("generate sends one turn, --raw the text as it stands")
  func generate() throws {
    let daemon = try FakeDaemon(Self.talker)
    #expect(daemon.run("generate", "a").output == "answer 1\n")
    #expect(messages(daemon) == [[ChatMessage(.user, "a")]])
    #expect(daemon.run("generate", "a", "--raw").output == " upon a\n")
    #expect(messages(daemon).count == 1)
  }
}

@Suite("Turns of a conversation")
struct TurnAssemblerTests {
  private func turns(_ lines: [String]) throws -> [TurnAssembler.Turn] {
    var assembler = TurnAssembler()
    var turns = try lines.compactMap { try assembler.take($0) }
    if let last = assembler.finish() { turns.append(last) }
    return turns
  }

  @Test(
    "lines become messages",
    arguments: [
      (["a", "", "  ", "b"], ["a", "b"]), (["a\\", "b\\", "c", "d"], ["a\nb\nc", "d"]),
      (["a\\"], ["a"]), (["\"\"\"a", "", "/b", "c\"\"\"", "d"], ["a\n\n/b\nc", "d"]),
      (["\"\"\"one\"\"\""], ["one"]), (["\"\"\"", "a", "b"], ["a\nb"]), (["\"\"\"", "a", "\"\"\""], ["a"]),
      (["//etc is a folder"], ["/etc is a folder"]), (["a\\", "/reset"], ["a\n/reset"]),
    ])
  func messages(lines: [String], expected: [String]) throws {
    #expect(try turns(lines) == expected.map { .message($0) })
  }

  @Test("a slash begins a command")
  func commands() throws {
    let lines = ["/help", "/reset", "/system  be brief ", "/system", "/save a b.json", "/load x"]
    #expect(
      try turns(lines) == [
        .command(.help), .command(.reset), .command(.system("be brief ")), .command(.system(nil)),
        .command(.save(path: "a b.json")), .command(.load(path: "x")),
      ])
  }

  @Test(
    "a command that makes no sense is refused", arguments: ["/", "/halp", "/save", "/reset now", "/usr/bin"])
  func refusals(line: String) {
    #expect(throws: ClientFailure.self) { try turns([line]) }
  }
}

@Suite("History of a conversation")
struct ChatHistoryTests {
  @Test("a saved conversation is a request's messages, and comes back")
  func roundTrip() throws {
    var history = ChatHistory(system: "s")
    history.ask("a\n\"é")
    history.answer("b", reasoning: "r")
    history.ask("c")
    let text = String(decoding: history.file, as: UTF8.self)
    #expect(
      text == #"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a\n\"é"},"#
        + #"{"role":"assistant","content":"b","reasoning_content":"r"},{"role":"user","content":"c"}]}"#
        + "\n")
    #expect(try ChatHistory(file: history.file, name: "f") == history)
  }

  @Test("a partial answer is kept, a question without one is dropped")
  func partial() {
    var history = ChatHistory()
    history.ask("a")
    history.answer("par", reasoning: "")
    history.ask("b")
    history.answer("", reasoning: "")
    #expect(history.messages == [ChatMessage(.user, "a"), ChatMessage(.assistant, "par")])
  }

  @Test(
    "what is no conversation is refused, and says why",
    arguments: [
      ("", "f is no conversation"), ("{}", "no list 'messages'"), ("[]", "no list 'messages'"),
      (#"{"messages":[{"role":"x","content":"a"}]}"#, "messages[0]: 'role' must be one of"),
    ])
  func refusals(text: String, reason: String) {
    do throws(ClientFailure) {
      _ = try ChatHistory(file: Array(text.utf8), name: "f")
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.message?.contains(reason) == true, "\(error)")
    }
  }
}
