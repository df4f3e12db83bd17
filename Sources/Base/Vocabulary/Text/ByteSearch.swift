/// Looking for bytes in bytes.
package enum ByteSearch {
  /// Comparisons in vain for every byte, after which the table is made that bounds them.
  private static let patience = 8

  /// Where `part`, which is not empty, begins first in `text`.
  ///
  /// - Complexity: O(`text.count + part.count`): a part and a text of repetitions, which a message can choose, cost no more.
  package static func first(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    var (offset, wasted) = (0, 0)
    while offset <= text.count - part.count {
      if text[offset] == part[0] {
        var length = 1
        while length < part.count, text[offset + length] == part[length] { length += 1 }
        if length == part.count { return offset }
        wasted += length
        if wasted > patience * (offset + 8) { return firstByTable(part, in: text, from: offset + 1) }
      }
      offset += 1
    }
    return nil
  }

  /// Knuth, Morris and Pratt: after a mismatch goes on with the longest beginning of `part` that still fits.
  private static func firstByTable(
    _ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    let fallback = fallback(part)
    var matched = 0
    for offset in start..<max(start, text.count) {
      while matched > 0, text[offset] != part[matched] { matched = fallback[matched - 1] }
      if text[offset] == part[matched] { matched += 1 }
      if matched == part.count { return offset + 1 - matched }
    }
    return nil
  }

  /// For each beginning of `part`, the length of the longest shorter beginning that it ends with.
  private static func fallback(_ part: UnsafeBufferPointer<UInt8>) -> [Int] {
    var lengths = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in part.indices.dropFirst() {
      while length > 0, part[index] != part[length] { length = lengths[length - 1] }
      if part[index] == part[length] { length += 1 }
      lengths[index] = length
    }
    return lengths
  }
}
