import Vocabulary

/// How many bytes at the end of `bytes` begin a scalar that following bytes could complete: 0 to 3.
///
/// Everything before them decodes to the same text whatever follows, because an ill-formed sequence is
/// replaced as soon as no continuation can make it well-formed (Unicode 16, 3.9, "maximal subpart").
func incompleteSuffix(of bytes: some BidirectionalCollection<UInt8>) -> Int {
  var tail: [UInt8] = []
  for byte in bytes.reversed().prefix(3) {
    tail.insert(byte, at: 0)
    if isContinuation(byte) { continue }
    let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    guard byte < 0xf5, tail.count < length, tail.count < 2 || secondRange(after: byte).contains(tail[1])
    else { return 0 }
    return tail.count
  }
  return 0
}

/// The second bytes that can follow `first`: no overlong forms, no surrogates, nothing past U+10FFFF.
private func secondRange(after first: UInt8) -> ClosedRange<UInt8> {
  switch first {
  case 0xe0: 0xa0...0xbf
  case 0xed: 0x80...0x9f
  case 0xf0: 0x90...0xbf
  case 0xf4: 0x80...0x8f
  default: 0x80...0xbf
  }
}
