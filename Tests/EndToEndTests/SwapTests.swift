import JSON
import Processes
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("Models that change while they are asked", .timeLimit(.minutes(2)))
  struct Swaps {
    @Test("twenty swaps under six clients lose no request, and each is answered by one version")
    func swapUnderLoad() throws {
      let daemon = try TestDaemon.withModels()
      let admin = try daemon.connect()
      for pack in [try TinyPacks.language(seed: 2), try TinyPacks.classifier(seed: 2)] {
        let answer = try withFile(pack) { try admin.ask("i", "install", file: $0) }
        #expect(answer.event == "result", "\(answer)")
      }
      let references = try References(admin)
      var clients = try (0..<6).map { try LoadClient(daemon.connect(), number: $0) }
      var swaps = 0
      try startSwap(admin, swaps)
      while swaps < 20 {
        for index in clients.indices { try clients[index].turn(references) }
        if let event = try admin.pending(), event.isLast {
          #expect(event.event == "result", "\(event)")
          swaps += 1
          if swaps < 20 { try startSwap(admin, swaps) }
        }
      }
      let answered = clients.reduce(0) { $0 + $1.answered }
      let versions = clients.reduce(Set<String>()) { $0.union($1.versions) }
      print("20 swaps: \(answered) requests answered by \(versions.sorted())")
      #expect(answered > 100)
      #expect(versions == ["tiny-llama:1", "tiny-llama:2", "tiny-vit:1", "tiny-vit:2"])
    }

    private func startSwap(_ admin: WireConnection, _ index: Int) throws {
      let model = index % 4 < 2 ? "tiny-llama" : "tiny-vit"
      if index % 2 == 0 {
        try admin.send("swap", "promote", ["model": .string(model + ":2")])
      } else {
        try admin.send("swap", "rollback", ["model": .string(model)])
      }
    }

    @Test("watchers hear of every change")
    func watch() throws {
      let daemon = try TestDaemon.withModels()
      let (watcher, admin) = (try daemon.connect(), try daemon.connect())
      try watcher.send("w", "watch")
      #expect(try watcher.ask("s", "status").event == "result")
      let pack = try TinyPacks.language(seed: 2)
      _ = try withFile(pack) { try admin.ask("i", "install", file: $0) }
      try admin.ask("p", "promote", ["model": "tiny-llama:2"])
      let messages = try (0..<3).map { _ in try watcher.next()?["message"]?.stringValue ?? "" }
      #expect(messages == ["install tiny-llama:2", "promote tiny-llama:2", "unload tiny-llama:1"])
    }

    @Test("beyond max_requests the answer is busy, with a time to come back")
    func boundedQueue() throws {
      let daemon = try TestDaemon.withModels(["--max-requests", "4", "--max-sequences", "2"])
      let wire = try daemon.connect()
      let long: [String: JSONValue] = ["prompt": "Once", "max_tokens": 1500]
      let ids = (0..<12).map { "g\($0)" }
      for id in ids { try wire.send(id, "generate", long) }
      let answers = try wire.answers(Set(ids)).values.compactMap(\.last)
      let busy = answers.filter { $0.errorCode == "busy" }
      #expect(answers.filter { $0.event == "done" }.count == 4)
      #expect(busy.count == 8)
      for answer in busy {
        #expect((answer["error"]?["retry_after_ms"]?.integerValue ?? 0) > 0)
        #expect(answer["error"]?["retryable"] == true)
      }
      for id in ids.prefix(4) { try wire.send(id, "generate", long) }
      #expect(try wire.ask("one", "generate", ["prompt": "Once"]).errorCode == "busy")
      let run = try daemon.client(["generate", "Once"])
      #expect(run.status == .exited(75) && run.errors.contains("try again"), "\(run.errors)")
    }
  }
}

/// What each version answers to the requests of the load.
private struct References {
  static let prompt: [String: JSONValue] = ["prompt": "Once upon a time", "max_tokens": 40, "seed": 11]
  static let picture: [String: JSONValue] = [
    "image": .string(Base64.encode(TinyCheckpoints.picture(seed: 5)))
  ]

  private(set) var answers: [String: JSONValue] = [:]

  init(_ wire: WireConnection) throws {
    for version in 1...2 {
      for (name, members) in [("tiny-llama", Self.prompt), ("tiny-vit", Self.picture)] {
        let model = "\(name):\(version)"
        try wire.ask("load", "load", ["model": .string(model)])
        let operation = name == "tiny-vit" ? "classify" : "generate"
        let answer = try wire.ask("a", operation, members.merging(["model": .string(model)]) { $1 })
        answers[model] = (answer["result"] ?? answer).comparable
      }
    }
  }
}

/// A client that asks again as soon as it was answered.
private struct LoadClient {
  private let wire: WireConnection
  private let number: Int
  private var isWaiting = false
  private(set) var answered = 0
  private(set) var versions: Set<String> = []

  init(_ wire: WireConnection, number: Int) {
    self.wire = wire
    self.number = number
  }

  /// Asks, or looks whether the answer has come.
  mutating func turn(_ references: References) throws {
    guard isWaiting else {
      let isText = (answered + number) % 3 != 0
      try wire.send("r", isText ? "generate" : "classify", isText ? References.prompt : References.picture)
      isWaiting = true
      return
    }
    guard let event = try wire.pending(), event.isLast else { return }
    isWaiting = false
    answered += 1
    let answer = event["result"] ?? event
    let model = answer["model"]?.stringValue ?? ""
    versions.insert(model)
    #expect(event.event != "error", "\(event)")
    #expect(answer.comparable == references.answers[model], "\(model) answered something else under load")
  }
}
