import Testing
import Vocabulary

@testable import WireProtocol

@Suite("Events")
struct EventTests {
  @Test("every event comes back from its own line", arguments: Event.samples)
  func roundTrip(event: Event) throws {
    let line = event.encoded()
    #expect(!line.contains(10))
    #expect(try Event(line: line) == event)
  }

  @Test("the form on the wire is fixed")
  func form() {
    let token = Event(id: .text("7"), .token(TokenEvent(text: " a", index: 0)))
    #expect(
      String(decoding: token.encoded(), as: UTF8.self) == #"{"id":"7","event":"token","index":0,"text":" a"}"#
    )
    let error = Event.error(nil, WireError(.busy, "queue is full", retryAfterMilliseconds: 50))
    #expect(
      String(decoding: error.encoded(), as: UTF8.self)
        == #"{"id":null,"event":"error","error":{"code":"busy","message":"queue is full","retryable":true,"retry_after_ms":50}}"#
    )
  }

  @Test("done, result and error are the last word")
  func last() {
    #expect(!Event(id: nil, .token(TokenEvent(text: "", index: 0))).isLast)
    #expect(!Event(id: nil, .reasoning(TokenEvent(text: "", index: 0))).isLast)
    #expect(!Event(id: nil, .progress(ProgressEvent(message: ""))).isLast)
    #expect(Event(id: nil, .result(.null)).isLast)
  }

  @Test("members and codes of a newer daemon do not stop an older client")
  func newerDaemon() throws {
    let line =
      #"{"id":1,"event":"error","new":[],"error":{"code":"brand_new","message":"m","retryable":true,"x":1}}"#
    let event = try Event(line: Array(line.utf8))
    guard case .error(let error) = event.body else {
      Issue.record("\(event)")
      return
    }
    #expect(error.code == .internal && error.isRetryable && error.message == "m")
  }

  @Test(
    "what is no event is refused",
    arguments: ["", "[]", "{}", #"{"event":"x"}"#, #"{"event":"result"}"#, #"{"event":"token"}"#])
  func refusals(line: String) {
    #expect(throws: WireError.self) { try Event(line: Array(line.utf8)) }
  }

  @Test("every code is stable in spelling")
  func codes() {
    #expect(
      ErrorCode.allCases.map(\.rawValue) == [
        "bad_json", "line_too_long", "bad_request", "unknown_op", "unknown_model", "model_not_loaded",
        "bad_image",
        "bad_pack", "no_template", "context_overflow", "busy", "cancelled", "deadline", "forbidden",
        "conflict",
        "memory_budget",
        "quality_gate", "shutting_down", "internal",
      ])
  }
}

extension Event {
  static var samples: [Event] {
    let alternative = TokenEvent.Alternative(text: "a", token: 5, logprob: -0.25)
    let token = TokenEvent(text: "é", index: 3, token: 9, logprob: -1.5, alternatives: [alternative])
    let usage = Usage(promptTokens: 4, completionTokens: 2, cachedTokens: 1)
    let timings = Timings(queue: 0.125, prefill: 2, firstToken: 2.5, decode: 7, total: 9.75)
    let done = DoneEvent(
      finishReason: .length, text: "é\n", reasoning: "hm", usage: usage, timings: timings, model: "m:1",
      seed: .max,
      tokens: [token])
    var error = WireError(.contextOverflow, "2048 > 512", parameter: "prompt")
    error.isRetryable = false
    return [
      Event(id: .text("a"), .token(token)), Event(id: .text("a"), .reasoning(token)),
      Event(id: .integer(1), .token(TokenEvent(text: "", index: 0))),
      Event(id: .text("a"), .done(done)), Event(id: .text("a"), .result(["a": [1, 2.5, "x"]])),
      Event(id: nil, .progress(ProgressEvent(message: "loading", fraction: 0.5, details: ["bytes": 7]))),
      Event(id: .integer(-3), .error(error)), .error(nil, WireError(.busy, "", retryAfterMilliseconds: 1)),
    ]
      + FinishReason.allCases.map {
        Event(
          id: .integer(2), .done(DoneEvent(finishReason: $0, usage: usage, timings: Timings(), model: "m:1")))
      }
  }
}
