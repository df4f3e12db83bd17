import TestSupport
import Testing
import Vocabulary

@Suite("Characters in bytes")
struct UTF8ScalarsTests {
  @Test("are read forwards, backwards and written as Swift has them")
  func roundTrip() {
    let scalars: [Unicode.Scalar] = [
      "\0", "a", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{ffff}", "\u{10ffff}",
    ]
    var bytes: [UInt8] = []
    for scalar in scalars { appendScalar(scalar.value, to: &bytes) }
    #expect(bytes == scalars.flatMap { Array(String($0).utf8) })
    bytes.withUnsafeBufferPointer { bytes in
      var (start, end) = (0, bytes.count)
      for (scalar, last) in zip(scalars, scalars.reversed()) {
        #expect(decodeScalar(bytes, at: start).value == scalar.value)
        #expect(decodeScalar(bytes, before: end).value == last.value)
        start += decodeScalar(bytes, at: start).length
        end -= decodeScalar(bytes, before: end).length
      }
      #expect(start == bytes.count && end == 0)
    }
  }

  @Test("any bytes are read to the end, what begins no character as U+FFFD of one byte")
  func anyBytes() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      random.uint8s(12).withUnsafeBufferPointer { bytes in
        var place = 0
        while place < bytes.count {
          let (value, length) = decodeScalar(bytes, at: place)
          #expect(Unicode.Scalar(value) == nil || value != 0xfffd || length == 1 || length == 3)
          place += length
        }
        #expect(place == bytes.count)
      }
    }
  }
}
