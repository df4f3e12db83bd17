import JSON
import TestSupport
import Testing

@testable import WireProtocol

@Suite("Damaged lines")
struct MutationTests {
  @Test("ten thousand damaged lines are read or refused, and never trap")
  func mutations() {
    var random = SeededGenerator()
    let lines = Request.samples.map { $0.encoded() } + Event.samples.map { $0.encoded() }
    for round in 0..<10_000 {
      var line = lines[round % lines.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&line, &random) }
      _ = try? Request(line: line)
      if let event = try? Event(line: line) { readResults(event) }
      if let value = try? JSONValue(parsing: line) {
        #expect((try? JSONValue(parsing: value.encoded())) == value, "round \(round)")
      }
    }
  }

  private func damage(_ line: inout [UInt8], _ random: inout SeededGenerator) {
    let interesting = Array("\"\\{}[]:,0-9eE.+tfnu \u{0}".utf8) + [0xFF, 0xC3, 0x80]
    guard !line.isEmpty else { return line.append(0x7B) }
    let place = Int.random(in: 0..<line.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: line[place] = interesting.randomElement(using: &random) ?? 0
    case 1: line[place] = UInt8.random(in: 0...255, using: &random)
    case 2: line.remove(at: place)
    case 3: line.removeSubrange(place...)
    default: line.insert(interesting.randomElement(using: &random) ?? 0, at: place)
    }
  }

  private func readResults(_ event: Event) {
    guard case .result(let json) = event.body else { return }
    _ = try? ClassifyResult(json: json)
    _ = try? ModelList(json: json)
    _ = try? RunningModels(json: json)
    _ = try? ServiceStatus(json: json)
    _ = try? HelloResult(json: json)
  }
}
