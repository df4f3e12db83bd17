import Glibc

/// Cuts a byte stream into lines. A pure value: chunks go in, frames come out, however the chunks are cut.
///
/// Memory is bounded by the limit: a line that exceeds it is dropped, and one ``Frame/overlong`` takes its
/// place, so that the reader can answer and go on with the next line. Empty lines are skipped.
package struct LineFramer: Sendable {
  package enum Frame: Sendable, Equatable {
    /// A line without its newline.
    case line([UInt8])
    /// A line longer than the limit, reported once, as soon as it exceeds the limit.
    case overlong
  }

  /// The longest line in bytes, without its newline.
  package let limit: Int
  private var partial: [UInt8] = []
  private var isSkipping = false

  package init(limit: Int) {
    precondition(limit > 0, "LineFramer: a limit of \(limit) bytes admits no line")
    self.limit = limit
  }

  /// Bytes of the line that is not complete yet.
  package var bufferedBytes: Int { partial.count }

  /// Whether the stream stands inside a line, so that ending here would cut it.
  package var isInsideLine: Bool { isSkipping || !partial.isEmpty }

  /// The frames that `chunk` completes, in order.
  /// - Complexity: O(`chunk.count`), amortized.
  package mutating func append(_ chunk: [UInt8]) -> [Frame] {
    chunk.withUnsafeBytes { append($0) }
  }

  mutating func append(_ chunk: UnsafeRawBufferPointer) -> [Frame] {
    var frames: [Frame] = []
    var rest = chunk[...]
    while let start = rest.isEmpty ? nil : chunk.baseAddress?.advanced(by: rest.startIndex) {
      guard let newline = memchr(start, CInt(UInt8(ascii: "\n")), rest.count) else {
        extend(rest, &frames)
        break
      }
      let end = rest.startIndex + (UnsafeRawPointer(newline) - start)
      extend(rest[..<end], &frames)
      finishLine(&frames)
      rest = rest[(end + 1)...]
    }
    return frames
  }

  private mutating func extend(_ piece: Slice<UnsafeRawBufferPointer>, _ frames: inout [Frame]) {
    guard !isSkipping else { return }
    if piece.count <= limit - partial.count {
      let needed = partial.count + piece.count
      // A long line comes in many pieces. Growing fourfold copies little of it twice, and pages that stay
      // unused cost no memory.
      if !partial.isEmpty, needed > partial.capacity { partial.reserveCapacity(min(4 * needed, limit)) }
      partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
    } else {
      partial = []
      isSkipping = true
      frames.append(.overlong)
    }
  }

  private mutating func finishLine(_ frames: inout [Frame]) {
    if !isSkipping, !partial.isEmpty { frames.append(.line(partial)) }
    partial = []
    isSkipping = false
  }
}
