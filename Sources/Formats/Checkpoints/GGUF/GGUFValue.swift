/// The types of metadata values, by the numbers that the file has for them.
package enum GGUFValueType: UInt32, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of a value; nil where they differ from value to value.
  var size: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// A metadata value. Widths are not kept: writers choose them freely.
package enum GGUFValue: Sendable {
  case unsigned(UInt64)
  case signed(Int64)
  /// A float32 is the same number in double.
  case float(Double)
  case bool(Bool)
  case string(String)
  case array(GGUFArray)

  /// A whole number that fits.
  package var integer: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(value)
    case .float, .bool, .string, .array: nil
    }
  }

  /// Any number, as double.
  package var number: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    case .float(let value): value
    case .bool, .string, .array: nil
    }
  }

  package var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var text: String? { if case .string(let value) = self { value } else { nil } }
  package var array: GGUFArray? { if case .array(let value) = self { value } else { nil } }

  /// What the value is, for messages: short whatever it holds.
  package var found: String {
    switch self {
    case .unsigned(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): quoted(value)
    case .array(let array): "an array of \(array.count) values of type \(array.type)"
    }
  }
}

/// An array of the metadata, left in the file until somebody asks for its values.
///
/// A vocabulary has hundreds of thousands of strings; opening a file walks over them and keeps none.
package struct GGUFArray: Sendable {
  package let type: GGUFValueType
  package let count: Int
  /// All values, one after another; every length inside has been checked.
  let bytes: Range<Int>
  let mapping: MappedFile

  /// The values one by one; an array that holds no arrays.
  ///
  /// - Complexity: O(bytes); allocates the result.
  package var values: [GGUFValue] {
    withExtendedLifetime(mapping) {
      var cursor = GGUFCursor(UnsafeRawBufferPointer(rebasing: mapping.bytes[bytes]))
      var values: [GGUFValue] = []
      values.reserveCapacity(count)
      // Opening the file has read the same bytes; only text that is no UTF-8 can still fail, and is left out then.
      for _ in 0..<count {
        guard let value = try? cursor.scalar(type, key: "") else { break }
        values.append(value)
      }
      return values
    }
  }

  /// All values as whole numbers; nil where one is none.
  package var integers: [Int]? { all(\.integer) }
  /// All values as numbers; nil where one is none.
  package var numbers: [Double]? { all(\.number) }
  /// All strings as the bytes that they are, which need not be text; nil where the values are none.
  package var strings: [[UInt8]]? {
    guard type == .string else { return nil }
    return withExtendedLifetime(mapping) {
      let own = UnsafeRawBufferPointer(rebasing: mapping.bytes[bytes])
      var cursor = GGUFCursor(own)
      var strings: [[UInt8]] = []
      strings.reserveCapacity(count)
      for _ in 0..<count {
        // Opening the file has read the same lengths.
        guard let range = try? cursor.string("") else { return nil }
        strings.append(Array(own[range]))
      }
      return strings
    }
  }
  /// All values as text; nil where one is none.
  package var texts: [String]? { all(\.text) }

  private func all<Value>(_ member: (GGUFValue) -> Value?) -> [Value]? {
    let found = values.compactMap(member)
    return found.count == count ? found : nil
  }
}

extension GGUFCursor {
  /// A value of a type that is no array.
  mutating func scalar(_ type: GGUFValueType, key: String) throws(Problem) -> GGUFValue {
    switch type {
    case .uint8: .unsigned(UInt64(try integer(key, as: UInt8.self)))
    case .uint16: .unsigned(UInt64(try integer(key, as: UInt16.self)))
    case .uint32: .unsigned(UInt64(try integer(key, as: UInt32.self)))
    case .uint64: .unsigned(try integer(key, as: UInt64.self))
    case .int8: .signed(Int64(try integer(key, as: Int8.self)))
    case .int16: .signed(Int64(try integer(key, as: Int16.self)))
    case .int32: .signed(Int64(try integer(key, as: Int32.self)))
    case .int64: .signed(try integer(key, as: Int64.self))
    case .float32: .float(Double(Float(bitPattern: try integer(key, as: UInt32.self))))
    case .float64: .float(Double(bitPattern: try integer(key, as: UInt64.self)))
    case .bool: try bool(key)
    case .string: .string(try text(try string("value of '\(key)'"), "value of '\(key)'"))
    case .array: throw .gguf(.nestedArray(key: key))
    }
  }

  private mutating func bool(_ key: String) throws(Problem) -> GGUFValue {
    let byte = try integer(key, as: UInt8.self)
    guard byte <= 1 else { throw .gguf(.notBool(key: key, found: byte)) }
    return .bool(byte == 1)
  }

  mutating func valueType(_ key: String) throws(Problem) -> GGUFValueType {
    let code = try integer("type of '\(key)'", as: UInt32.self)
    guard let type = GGUFValueType(rawValue: code) else { throw .gguf(.valueType(key: key, found: code)) }
    return type
  }

  /// A value of any type. The values of an array are passed over, with every length checked.
  mutating func value(of key: String, in mapping: MappedFile) throws(Problem) -> GGUFValue {
    let type = try valueType(key)
    guard type == .array else { return try scalar(type, key: key) }
    let element = try valueType(key)
    // A string has at least its own length.
    let count = try count("count of '\(key)'", each: element.size ?? 8)
    let start = offset
    switch element {
    case .array: throw .gguf(.nestedArray(key: key))
    case .string: for _ in 0..<count { _ = try string("strings of '\(key)'") }
    case .bool: for _ in 0..<count { _ = try bool(key) }
    default: _ = try skip(UInt64(count * (element.size ?? 0)), "values of '\(key)'")
    }
    return .array(GGUFArray(type: element, count: count, bytes: start..<offset, mapping: mapping))
  }
}
