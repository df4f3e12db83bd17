/// A bounds-checked cursor over a little-endian file.
struct LittleEndianReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ field: String, as type: Value.Type = Value.self
  ) throws(TokenizerImportError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw .truncated(reading: field, offset: bytes.count) }
    defer { offset += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  mutating func float(_ field: String) throws(TokenizerImportError) -> Float {
    Float(bitPattern: try read(field, as: UInt32.self))
  }

  mutating func skip(_ count: UInt64, _ field: String) throws(TokenizerImportError) {
    guard count <= UInt64(remaining) else { throw .truncated(reading: field, offset: bytes.count) }
    offset += Int(count)
  }

  mutating func bytes(_ count: UInt64, _ field: String) throws(TokenizerImportError) -> [UInt8] {
    let start = offset
    try skip(count, field)
    return Array(bytes[start..<offset])
  }
}
