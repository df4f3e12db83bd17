import Glibc
import JSON
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("Streams, cancels and disconnects", .timeLimit(.minutes(2)))
  struct Streaming {
    /// Small steps, so that a long prompt takes many of them.
    private static let smallSteps = ["--prefill-chunk", "16", "--step-tokens", "64"]
    private static let long: [String: JSONValue] = [
      "prompt": "Once upon a time", "max_tokens": 2000, "seed": 5, "stream": true,
    ]
    private static let longPrompt = JSONValue.string(String(repeating: "the ship in time on a ", count: 80))

    @Test("token events come in order and spell the text of the whole answer")
    func order() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      var members: [String: JSONValue] = ["prompt": "Once upon", "max_tokens": 200, "seed": 3, "logprobs": 2]
      let whole = try wire.ask("whole", "generate", members)
      members["stream"] = true
      try wire.send("stream", "generate", members)
      let events = try wire.answers(["stream"])["stream"] ?? []
      let tokens = events.dropLast()
      #expect(tokens.allSatisfy { $0.event == "token" })
      #expect(tokens.compactMap { $0["index"]?.integerValue } == Array(0..<200))
      #expect(tokens.compactMap { $0["text"]?.stringValue }.joined() == whole["text"]?.stringValue)
      #expect(tokens.map { $0["token"] } == (whole["tokens"]?.elements ?? []).map { $0["token"] })
      #expect(tokens.map { $0["logprob"] } == (whole["tokens"]?.elements ?? []).map { $0["logprob"] })
      #expect(events.last?.event == "done")
      #expect(events.last?["usage"]?["completion_tokens"]?.integerValue == 200)
    }

    @Test("answers of one connection interleave, each under its own id")
    func interleaved() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      for id in ["a", "b"] { try wire.send(id, "generate", Self.long) }
      try wire.send("s", "status")
      var order: [String] = []
      while order.filter({ $0.hasSuffix("!") }).count < 3 {
        let event = try #require(try wire.next())
        order.append((event["id"]?.stringValue ?? "?") + (event.isLast ? "!" : ""))
      }
      let lastA = try #require(order.firstIndex(of: "a!"))
      let firstB = try #require(order.firstIndex(of: "b"))
      #expect(firstB < lastA, "b waited for a")
      #expect(try #require(order.firstIndex(of: "s!")) < lastA, "a question waited for an answer")
    }

    @Test("a stop text ends the answer and is no part of it")
    func stopText() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      let members: [String: JSONValue] = ["prompt": "Once", "max_tokens": 100, "seed": 3]
      let text = try #require(try wire.ask("1", "generate", members)["text"]?.stringValue)
      let stop = String(text.dropFirst(20).prefix(6))
      for stream in [false, true] {
        try wire.send(
          "2", "generate", members.merging(["stop": [.string(stop)], "stream": .bool(stream)]) { $1 })
        let events = try wire.answers(["2"])["2"] ?? []
        let parts = events.compactMap { $0["text"]?.stringValue }.joined()
        #expect(parts == text.components(before: stop))
        #expect(events.last?["finish_reason"]?.stringValue == "stop")
      }
    }

    @Test("an id in use is a conflict; once answered it is free")
    func duplicateID() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      try wire.send("x", "generate", Self.long)
      try wire.send("x", "generate", Self.long)
      var events: [JSONValue] = []
      while events.filter(\.isLast).count < 2 { events.append(try #require(try wire.next())) }
      #expect(events.filter { $0.errorCode == "conflict" }.count == 1)
      #expect(events.filter { $0.event == "done" }.count == 1)
      #expect(try wire.ask("x", "generate", ["prompt": "a", "max_tokens": 1]).event == "done")
    }

    @Test("a watch that was cancelled gives its id back")
    func cancelWatch() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      try wire.send("w", "watch")
      #expect(try wire.ask("c", "cancel", ["target": "w"])["result"]?["found"] == true)
      #expect(try wire.answers(["w"])["w"]?.last?.errorCode == "cancelled")
      #expect(try wire.ask("w", "status")["result"] != nil)
      #expect(try wire.ask("w", "generate", ["prompt": "a", "max_tokens": 1]).event == "done")
    }

    @Test(
      "a cancel ends a request in every phase, and its neighbours do not notice", arguments: Phase.allCases)
    func cancel(phase: Phase) throws {
      let daemon = try TestDaemon.withModels(phase.flags(Self.smallSteps))
      let wire = try daemon.connect()
      let neighbour: [String: JSONValue] = [
        "prompt": "Once upon", "max_tokens": 300, "seed": 9, "logprobs": 1,
      ]
      let alone = try wire.ask("alone", "generate", neighbour)
      try wire.send("near", "generate", neighbour)
      try phase.begin(wire)
      let cancelled = try wire.ask("cancel", "cancel", ["target": "victim"])
      #expect(cancelled["result"]?["found"] == true)
      let answers = try wire.answers(["near"])
      #expect(answers["near"]?.last?.comparable == alone.comparable)
      #expect(try eventually { try daemon.underWay(wire) == 0 })
    }

    @Test("a cancelled request is answered by done with reason cancelled", arguments: Phase.allCases)
    func cancelledAnswer(phase: Phase) throws {
      let daemon = try TestDaemon.withModels(phase.flags(Self.smallSteps))
      let wire = try daemon.connect()
      try wire.send("near", "generate", Self.long)
      try phase.begin(wire)
      try wire.send("cancel", "cancel", ["target": "victim"])
      let last = try #require(try wire.answers(["victim"])["victim"]?.last)
      #expect(last.event == "done")
      #expect(last["finish_reason"]?.stringValue == "cancelled")
    }

    @Test("a client that goes away in any phase frees what it held", arguments: Phase.allCases)
    func disconnect(phase: Phase) throws {
      let daemon = try TestDaemon.withModels(phase.flags(Self.smallSteps))
      let wire = try daemon.connect()
      let neighbour: [String: JSONValue] = [
        "prompt": "Once upon", "max_tokens": 300, "seed": 9, "logprobs": 1,
      ]
      let alone = try wire.ask("alone", "generate", neighbour)
      try wire.send("near", "generate", neighbour)
      do {
        let other = try daemon.connect()
        try phase.begin(other)
      }
      #expect(try wire.answers(["near"])["near"]?.last?.comparable == alone.comparable)
      #expect(try eventually { try daemon.underWay(wire) == 0 })
    }

    @Test("a deadline ends an answer with the text so far")
    func deadline() throws {
      let daemon = try TestDaemon.withModels(["--max-sequences", "32"])
      let wire = try daemon.connect()
      // Company makes each step long enough for the deadline to come first.
      for index in 0..<24 { try wire.send("c\(index)", "generate", Self.long) }
      let members = Self.long.merging(["deadline_ms": 60, "stream": false]) { $1 }
      let last = try wire.ask("d", "generate", members)
      #expect(last["finish_reason"]?.stringValue == "deadline")
      let tokens = last["usage"]?["completion_tokens"]?.integerValue ?? -1
      #expect((0..<2000).contains(tokens))
      #expect(last["text"]?.stringValue != nil)
    }

    @Test("a client that stops sending still gets its answers, then the connection is closed")
    func halfClosed() throws {
      let wire = try TestDaemon.withModels().connectOwning()
      try wire.send("1", "generate", ["prompt": "Once", "max_tokens": 50])
      wire.connection.endInput()
      var events: [JSONValue] = []
      while let event = try wire.next() { events.append(event) }
      #expect(events.last?.event == "done")
    }

    /// Where a request is when it ends early.
    enum Phase: String, CaseIterable, CustomTestStringConvertible {
      case queued, prefill, decode

      var testDescription: String { rawValue }

      func flags(_ flags: [String]) -> [String] {
        self == .queued ? flags + ["--max-sequences", "1"] : flags
      }

      /// Sends the request called `victim` and returns when it is in this phase.
      func begin(_ wire: WireConnection) throws {
        switch self {
        case .queued, .prefill:
          try wire.send("victim", "generate", ["prompt": longPrompt, "max_tokens": 200, "stream": true])
        case .decode:
          try wire.send("victim", "generate", Streaming.long)
          while let event = try wire.next(), event["id"]?.stringValue != "victim" {}
        }
      }
    }
  }
}

extension String {
  /// What comes before the first `part`.
  fileprivate func components(before part: String) -> String {
    var rest = self[...]
    while !rest.isEmpty, !rest.hasPrefix(part) { rest = rest.dropFirst() }
    return String(dropLast(rest.count))
  }
}

/// A connection that keeps its daemon alive.
final class OwningConnection {
  let daemon: TestDaemon
  let connection: WireConnection

  init(_ daemon: TestDaemon) throws {
    self.daemon = daemon
    connection = try daemon.connect()
  }

  func send(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:]) throws {
    try connection.send(id, operation, members)
  }

  @discardableResult
  func ask(_ id: String, _ operation: String, _ members: [String: JSONValue] = [:]) throws -> JSONValue {
    try connection.ask(id, operation, members)
  }

  func next() throws -> JSONValue? { try connection.next() }

  func answers(_ ids: Set<String>) throws -> [String: [JSONValue]] { try connection.answers(ids) }
}

extension TestDaemon {
  /// A connection for a test that needs the daemon for nothing else.
  func connectOwning() throws -> OwningConnection { try OwningConnection(self) }
}
