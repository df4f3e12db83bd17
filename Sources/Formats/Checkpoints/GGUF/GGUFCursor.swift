/// A bounds-checked position in the header of a GGUF file; all numbers are little-endian.
struct GGUFCursor {
  typealias Problem = CheckpointError.Problem

  let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ field: @autoclosure () -> String, as type: Value.Type = Value.self
  ) throws(Problem) -> Value {
    let range = try skip(UInt64(MemoryLayout<Value>.size), field())
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self))
  }

  /// Where the next `count` bytes lie.
  mutating func skip(_ count: UInt64, _ field: @autoclosure () -> String) throws(Problem) -> Range<Int> {
    guard count <= UInt64(remaining) else { throw .gguf(.truncated(field: field(), offset: bytes.count)) }
    defer { offset += Int(count) }
    return offset..<offset + Int(count)
  }

  /// A count of things of which each takes at least `size` bytes of what is left.
  mutating func count(
    _ field: @autoclosure () -> String, each size: Int, atMost most: Int = .max
  ) throws(Problem) -> Int {
    let found = try integer(field(), as: UInt64.self)
    let limit = UInt64(min(remaining / size, most))
    guard found <= limit else { throw .gguf(.tooMany(what: field(), found: found, limit: limit)) }
    return Int(found)
  }

  /// Where the bytes of a string lie: its length, then the bytes.
  mutating func string(_ field: @autoclosure () -> String) throws(Problem) -> Range<Int> {
    try skip(try integer("length of the \(field())", as: UInt64.self), field())
  }

  /// A key or a tensor's name: not empty, at most `limit` bytes.
  mutating func name(_ what: String, atMost limit: Int) throws(Problem) -> String {
    let length = try integer("length of a \(what)", as: UInt64.self)
    guard length > 0 else { throw .gguf(.emptyName(what: what)) }
    guard length <= UInt64(limit) else {
      throw .gguf(.tooMany(what: "length of a \(what)", found: length, limit: UInt64(limit)))
    }
    return try text(try skip(length, what), what)
  }

  func text(_ range: Range<Int>, _ field: @autoclosure () -> String) throws(Problem) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw .gguf(.notText(field: field()))
    }
    return text
  }
}
