import TestSupport
import Testing

@testable import Transport

@Suite("Line framing")
struct LineFramerTests {
  @Test("lines come out whole however the stream is cut", arguments: 1...40)
  func anyCut(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var lines: [[UInt8]] = []
    var stream: [UInt8] = []
    for _ in 0..<50 {
      let byte = UInt8.random(in: 32...126, using: &random)
      lines.append([UInt8](repeating: byte, count: Int.random(in: 1...90, using: &random)))
      stream += lines[lines.count - 1] + [10]
    }
    var framer = LineFramer(limit: 100)
    var frames: [LineFramer.Frame] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...70, using: &random)
      frames += framer.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    #expect(frames == lines.map { .line($0) }, "seed \(seed)")
    #expect(framer.bufferedBytes == 0)
  }

  @Test("a line at the limit passes, one byte more is reported once and skipped")
  func limit() {
    var framer = LineFramer(limit: 4)
    #expect(framer.append(Array("abcd\n".utf8)) == [.line(Array("abcd".utf8))])
    #expect(framer.append(Array("abc".utf8)) == [])
    #expect(framer.append(Array("de".utf8)) == [.overlong])
    #expect(framer.isInsideLine)
    #expect(framer.append(Array("fghijklm".utf8)) == [])
    #expect(framer.append(Array("\nok\n".utf8)) == [.line(Array("ok".utf8))])
  }

  @Test("empty lines are skipped")
  func emptyLines() {
    var framer = LineFramer(limit: 4)
    #expect(framer.append(Array("\n\na\n\n".utf8)) == [.line([UInt8(ascii: "a")])])
    #expect(framer.append([]) == [])
  }

  @Test("nothing of an overlong line is kept")
  func memory() {
    var framer = LineFramer(limit: 10)
    for _ in 0..<1000 { _ = framer.append([UInt8](repeating: 1, count: 1000)) }
    #expect(framer.bufferedBytes == 0)
  }
}
