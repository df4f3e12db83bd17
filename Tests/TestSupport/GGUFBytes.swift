/// A small GGUF file, built value by value; anything in it may be wrong on purpose.
package struct GGUFBytes {
  package enum Value {
    case uint8(UInt8)
    case uint32(UInt32)
    case uint64(UInt64)
    case int32(Int32)
    case float32(Float)
    case bool(UInt8)
    case string(String)
    case strings([String])
    case integers([Int32])
    case floats([Float])
    /// A type's number and whatever follows it.
    case raw(UInt32, [UInt8])
  }

  package struct Tensor {
    package var name: String
    /// Innermost first, as files have it.
    package var extents: [UInt64]
    package var type: UInt32
    package var bytes: [UInt8]
    /// Where it starts in the data; nil for where it comes to lie.
    package var offset: UInt64?

    package init(_ name: String, _ extents: [UInt64], type: UInt32 = 0, bytes: [UInt8], offset: UInt64? = nil)
    {
      (self.name, self.extents, self.type, self.bytes, self.offset) = (name, extents, type, bytes, offset)
    }

    /// Float32 values, `[rows, columns]`.
    package init(_ name: String, rows: Int, columns: Int, _ values: [Float]) {
      self.init(
        name, rows == 1 ? [UInt64(columns)] : [UInt64(columns), UInt64(rows)],
        bytes: values.withUnsafeBytes { Array($0) })
    }
  }

  package var magic = Array("GGUF".utf8)
  package var version: UInt32 = 3
  package var metadata: [(key: String, value: Value)] = []
  package var tensors: [Tensor] = []
  package var alignment = 32
  /// What the header claims; nil for the truth.
  package var tensorCount: UInt64?
  package var entryCount: UInt64?

  package init() {}

  package var bytes: [UInt8] {
    var file = magic + Self.little(version) + Self.little(tensorCount ?? UInt64(tensors.count))
    file += Self.little(entryCount ?? UInt64(metadata.count))
    for entry in metadata { file += Self.text(entry.key) + Self.encoded(entry.value) }
    var data: [UInt8] = []
    for tensor in tensors {
      data += padding(data.count)
      file += Self.text(tensor.name) + Self.little(UInt32(tensor.extents.count))
      for extent in tensor.extents { file += Self.little(extent) }
      file += Self.little(tensor.type) + Self.little(tensor.offset ?? UInt64(data.count))
      data += tensor.bytes
    }
    return file + padding(file.count) + data
  }

  private func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
  }

  package static func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  package static func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }

  private static func encoded(_ value: Value) -> [UInt8] {
    func array(_ type: UInt32, _ count: Int, _ bytes: [UInt8]) -> [UInt8] {
      little(UInt32(9)) + little(type) + little(UInt64(count)) + bytes
    }
    return switch value {
    case .uint8(let number): little(UInt32(0)) + [number]
    case .uint32(let number): little(UInt32(4)) + little(number)
    case .uint64(let number): little(UInt32(10)) + little(number)
    case .int32(let number): little(UInt32(5)) + little(number)
    case .float32(let number): little(UInt32(6)) + little(number.bitPattern)
    case .bool(let byte): little(UInt32(7)) + [byte]
    case .string(let string): little(UInt32(8)) + text(string)
    case .strings(let list): array(8, list.count, list.flatMap(text))
    case .integers(let list): array(5, list.count, list.flatMap { little($0) })
    case .floats(let list): array(6, list.count, list.flatMap { little($0.bitPattern) })
    case .raw(let type, let bytes): little(type) + bytes
    }
  }
}
