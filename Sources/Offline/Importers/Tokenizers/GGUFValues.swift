/// The numbers of GGUF's value types.
enum GGUFType {
  static let int32: UInt32 = 5
  static let uint32: UInt32 = 4
  static let float32: UInt32 = 6
  static let bool: UInt32 = 7
  static let string: UInt32 = 8
  static let array: UInt32 = 9

  /// The bytes of a value of fixed size.
  static func size(_ type: UInt32) -> UInt64? {
    switch type {
    case 0, 1, 7: 1
    case 2, 3: 2
    case 4, 5, 6: 4
    case 10, 11, 12: 8
    default: nil
    }
  }
}

/// GGUF's values; every count is checked against the bytes that are left before anything is allocated.
extension LittleEndianReader {
  func checkCount(_ count: UInt64, _ field: String, elementSize: UInt64) throws(TokenizerImportError) {
    let limit = UInt64(remaining) / elementSize
    guard count <= limit else { throw .tooLarge(what: field, found: count, limit: limit) }
  }

  mutating func string(_ field: String) throws(TokenizerImportError) -> [UInt8] {
    let count = try read("length of \(field)", as: UInt64.self)
    return try bytes(count, field)
  }

  /// An array of strings, after its value type.
  mutating func strings(_ field: String) throws(TokenizerImportError) -> [[UInt8]] {
    let count = try arrayCount(field, type: GGUFType.string, elementSize: 8)
    var result: [[UInt8]] = []
    result.reserveCapacity(Int(count))
    for _ in 0..<count { result.append(try string(field)) }
    return result
  }

  /// An array of 32-bit values of `type`, as bits.
  mutating func words(_ field: String, type: UInt32) throws(TokenizerImportError) -> [UInt32] {
    let count = try arrayCount(field, type: type, elementSize: 4)
    var result: [UInt32] = []
    result.reserveCapacity(Int(count))
    for _ in 0..<count { result.append(try read(field)) }
    return result
  }

  private mutating func arrayCount(
    _ field: String, type: UInt32, elementSize: UInt64
  ) throws(TokenizerImportError) -> UInt64 {
    let found = try read("element type of \(field)", as: UInt32.self)
    guard found == type else {
      throw .unexpected(
        field: field, found: "an array of type \(found)", expected: "an array of type \(type)")
    }
    let count = try read("count of \(field)", as: UInt64.self)
    try checkCount(count, "count of \(field)", elementSize: elementSize)
    return count
  }

  mutating func skipValue(_ type: UInt32, _ field: String, depth: Int) throws(TokenizerImportError) {
    if let size = GGUFType.size(type) { return try skip(size, field) }
    switch type {
    case GGUFType.string: try skip(try read("length of \(field)", as: UInt64.self), field)
    case GGUFType.array where depth < 4:
      let element = try read("element type of \(field)", as: UInt32.self)
      let count = try read("count of \(field)", as: UInt64.self)
      // A string or an inner array has at least its own count.
      let size = GGUFType.size(element) ?? 8
      try checkCount(count, "count of \(field)", elementSize: size)
      if GGUFType.size(element) != nil { return try skip(count * size, field) }
      for _ in 0..<count { try skipValue(element, field, depth: depth + 1) }
    default: throw .unexpected(field: field, found: "a value of type \(type)", expected: "types 0 to 12")
    }
  }
}
