import Glibc
import JSON
import TestSupport
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("Lines that are wrong", .timeLimit(.minutes(2)))
  struct HostileLines {
    private let daemon: TestDaemon

    init() throws { daemon = try TestDaemon.withModels(["--max-image-pixels", "1M"]) }

    @Test("each is answered by its code, and the connection lives")
    func badLines() throws {
      let wire = try daemon.connect()
      for (line, code) in Self.lines {
        try wire.send(line: line)
        let event = try #require(try wire.next(), "\(line.prefix(60)) closed the connection")
        #expect(event.errorCode == code, "\(line.prefix(80)): \(event)")
        #expect(!event.message.isEmpty)
      }
      #expect(try wire.ask("alive", "status")["result"] != nil)
    }

    private static let lines: [(String, String)] = [
      ("hello", "bad_json"), ("{", "bad_json"), ("[]", "bad_json"), ("null", "bad_json"),
      ("{\"id\":1,\"op\":\"status\"", "bad_json"), ("{\"id\":1,\"op\":\"status\"}}", "bad_json"),
      ("{'id':1}", "bad_json"), ("{\"id\":01,\"op\":\"status\"}", "bad_json"),
      ("{\"id\":1,\"op\":\"sta\u{01}tus\"}", "bad_json"), ("{\"id\":1,\"op\":\"\\ud800\"}", "bad_json"),
      (String(repeating: "[", count: 100_000), "bad_json"),
      (
        "{\"a\":" + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + "}",
        "bad_json"
      ),
      ("{}", "bad_request"), ("{\"op\":\"status\"}", "bad_request"), ("{\"id\":1}", "bad_request"),
      ("{\"id\":null,\"op\":\"status\"}", "bad_request"), ("{\"id\":1.5,\"op\":\"status\"}", "bad_request"),
      ("{\"id\":\"\",\"op\":\"status\"}", "bad_request"), ("{\"id\":1,\"op\":7}", "bad_request"),
      ("{\"id\":1,\"op\":\"shutdown\"}", "unknown_op"), ("{\"id\":1,\"op\":\"generate\"}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":7}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"temperature\":-1}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"temperature\":1e999}", "bad_json"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"max_tokens\":0}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"max_tokens\":99999999999999999999}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"unknown\":1}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"stop\":[\"\"]}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"model\":\"../etc\"}", "bad_request"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"model\":\"absent\"}", "unknown_model"),
      ("{\"id\":1,\"op\":\"generate\",\"prompt\":\"a\",\"model\":\"tiny-vit\"}", "bad_request"),
      ("{\"id\":1,\"op\":\"classify\"}", "bad_request"),
      ("{\"id\":1,\"op\":\"classify\",\"image\":\"*\"}", "bad_image"),
      ("{\"id\":1,\"op\":\"classify\",\"fd\":true}", "bad_request"),
      ("{\"id\":1,\"op\":\"install\",\"fd\":true}", "bad_request"),
      ("{\"id\":1,\"op\":\"install\"}", "bad_request"), ("{\"id\":1,\"op\":\"promote\"}", "bad_request"),
      ("{\"id\":1,\"op\":\"detokenize\",\"tokens\":[2147483647]}", "bad_request"),
      ("{\"id\":1,\"op\":\"detokenize\",\"tokens\":[-1]}", "bad_request"),
      ("{\"id\":1,\"op\":\"cancel\"}", "bad_request"),
    ]

    @Test("a line beyond the limit is refused by its length, and the connection lives")
    func overlong() throws {
      let wire = try daemon.connect()
      let start = Array("{\"id\":1,\"op\":\"generate\",\"prompt\":\"".utf8)
      try wire.send(
        start + [UInt8](repeating: UInt8(ascii: "a"), count: JSONLimits.lineBytes) + Array("\"}\n".utf8))
      #expect(try wire.next()?.errorCode == "line_too_long")
      #expect(try wire.ask("alive", "status")["result"] != nil)
    }

    @Test("two thousand mutated lines are each answered once")
    func mutations() throws {
      let wire = try daemon.connect()
      var random = SeededGenerator(seed: 2026)
      for _ in 0..<20 {
        let lines = (0..<100).map { _ in Self.mutation(&random) }
        for line in lines { try wire.send(line + [UInt8(ascii: "\n")]) }
        var answered = 0
        while answered < lines.count {
          let event = try #require(try wire.next(), "the connection was closed")
          if event.isLast { answered += 1 }
          if event.event == "error" {
            #expect(event.errorCode.flatMap(ErrorCode.init(rawValue:)) != nil, "\(event)")
          }
        }
      }
      #expect(try eventually { try daemon.underWay(wire) == 0 })
      #expect(daemon.process.isRunning)
    }

    private static let valid: [String] = [
      "{\"id\":\"a\",\"op\":\"generate\",\"prompt\":\"Once upon\",\"max_tokens\":3,\"seed\":7,\"logprobs\":2}",
      "{\"id\":\"b\",\"op\":\"generate\",\"prompt\":\"Once\",\"max_tokens\":2,\"stop\":[\"x\",\"yz\"],\"stream\":true}",
      "{\"id\":\"c\",\"op\":\"classify\",\"image\":\"\(Base64.encode(TinyCheckpoints.picture(seed: 1, edge: 4)))\",\"top\":3}",
      "{\"id\":4,\"op\":\"tokenize\",\"text\":\"the ship\",\"add_special\":false}",
      "{\"id\":5,\"op\":\"show\",\"model\":\"tiny-llama:1\"}",
      "{\"id\":6,\"op\":\"detokenize\",\"tokens\":[260,261]}",
      "{\"id\":7,\"op\":\"embed\",\"text\":\"time\",\"deadline_ms\":1000}",
      "{\"id\":8,\"op\":\"cancel\",\"target\":\"a\"}",
      "{\"id\":9,\"op\":\"promote\",\"model\":\"tiny-llama:1\",\"label\":\"stable\"}",
    ]

    /// A valid line with one to four bytes changed, removed, doubled or cut; never empty, never two lines.
    private static func mutation(_ random: inout SeededGenerator) -> [UInt8] {
      var line = Array(valid.randomElement(using: &random)?.utf8 ?? "{}".utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<line.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: line[place] = UInt8.random(in: 0...255, using: &random)
        case 1: line[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: if line.count > 1 { line.remove(at: place) }
        case 3: line.insert(line[place], at: place)
        case 4: line = Array(line[...place])
        default: line[place] = Array("\"\\{}[]:,0-e".utf8).randomElement(using: &random) ?? 0
        }
      }
      return line.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    }

    @Test("a picture cut at any byte, or with a wild header, is refused")
    func badPictures() throws {
      let wire = try daemon.connect()
      let whole = TinyCheckpoints.picture(seed: 1, edge: 16)
      let wild = [
        "P6\n99999 99999\n255\n", "P6\n4294967297 1\n255\n", "P6\n-1 4\n255\n", "P6\n0 0\n255\n",
        "P6\n4 4\n0\n",
        "P6\n4 4\n65536\n", "P5\n9223372036854775807 9223372036854775807\n255\n", "P7\n", "P1\n1 1\n1",
        "P3\n2 2\n255\n1 2 x",
        "P6\n# " + String(repeating: "c", count: 10_000), "P2\n1 1\n255\n300", "\u{89}PNG\r\n",
      ].map { Array($0.utf8) }
      let headerEnd = whole.count - 3 * 256
      let cuts = (1...headerEnd).map { Array(whole[..<$0]) } + [Array(whole.dropLast())]
      for bytes in wild + cuts {
        let answer = try wire.ask("p", "classify", ["image": .string(Base64.encode(bytes))])
        #expect(answer.errorCode == "bad_image", "\(bytes.prefix(30)): \(answer)")
        let path = try daemon.scratch.write(bytes, to: "bad.pnm")
        let passed = try withFile(path) { try wire.ask("f", "classify", file: $0) }
        #expect(passed.errorCode == "bad_image", "\(passed)")
      }
      #expect(try wire.ask("ok", "classify", ["image": .string(Base64.encode(whole))]).event == "result")
    }

    @Test("a directory, a pipe or a socket instead of a file is refused")
    func wrongDescriptors() throws {
      let wire = try daemon.connect()
      var pipe: [CInt] = [0, 0]
      try #require(Glibc.pipe(&pipe) == 0)
      defer { for end in pipe { close(end) } }
      try withFile(daemon.scratch.path) { folder in
        for descriptor in [folder, pipe[0]] {
          let picture = try wire.ask("c", "classify", file: descriptor)
          #expect(["bad_request", "bad_image"].contains(picture.errorCode), "\(picture)")
          #expect(try wire.ask("i", "install", file: descriptor).errorCode == "bad_pack")
        }
      }
    }

    @Test("a client that never reads is no burden to others")
    func neverReading() throws {
      let silent = try daemon.connect()
      for index in 0..<20 {
        try silent.send(
          "s\(index)", "generate", ["prompt": "Once", "max_tokens": 2000, "stream": true, "logprobs": 20])
      }
      let wire = try daemon.connect()
      #expect(try wire.ask("1", "generate", ["prompt": "Once", "max_tokens": 10]).event == "done")
      #expect(try eventually(seconds: 30) { try daemon.underWay(wire) == 0 })
    }
  }
}
