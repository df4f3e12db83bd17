import Checkpoints
import Glibc

/// A JSON value of any shape, for configuration files whose keys vary from writer to writer.
package enum JSONValue: Sendable, Equatable, Decodable {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .flag, .text, .array, .object: nil
    }
  }
  var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  var object: [String: JSONValue]? { if case .object(let values) = self { values } else { nil } }
}

extension JSONValue: CustomStringConvertible {
  package var description: String {
    switch self {
    case .null: "null"
    case .flag(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// One JSON object of a configuration file. Errors name the file and the key; null counts as absent.
struct Settings {
  /// The largest configuration file that is read.
  static let sizeLimit = 64 << 20

  let file: String
  private let prefix: String
  let values: [String: JSONValue]

  init(file: String, prefix: String = "", values: [String: JSONValue]) {
    self.file = file
    self.prefix = prefix
    self.values = values
  }

  /// Reads the object at `folder`/`file`; nil where there is no such file.
  static func read(_ file: String, in folder: String) throws -> Settings? {
    guard let mapping = try optionalFile(file, in: folder) else { return nil }
    guard mapping.bytes.count <= sizeLimit else {
      throw ImportError.unreadable(file: file, reason: "it has more than \(sizeLimit) bytes")
    }
    do {
      return Settings(
        file: file, values: try BoundedJSON.decode([String: JSONValue].self, from: mapping.contents()))
    } catch {
      throw ImportError.unreadable(file: file, reason: error.description)
    }
  }

  subscript(key: String) -> JSONValue? {
    guard let value = values[key], value != .null else { return nil }
    return value
  }

  private func wrong(_ key: String, _ expected: String) -> ImportError {
    .wrongKind(file: file, key: prefix + key, expected: expected)
  }

  func missing(_ key: String) -> ImportError { .missingSetting(file: file, key: prefix + key) }

  /// An integer in `range`; `fallback` where the key is absent and a fallback is given.
  func integer(_ key: String, in range: ClosedRange<Int>, or fallback: Int? = nil) throws -> Int {
    guard let value = self[key] else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    guard let integer = value.integer else { throw wrong(key, "an integer") }
    guard range.contains(integer) else {
      throw ImportError.outOfRange(
        file: file, key: prefix + key, found: "\(integer)",
        expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// A number in `range`; `fallback` where the key is absent and a fallback is given.
  func number(_ key: String, in range: ClosedRange<Double>, or fallback: Double? = nil) throws -> Double {
    guard let value = self[key] else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    guard let number = value.number else { throw wrong(key, "a number") }
    guard range.contains(number) else {
      throw ImportError.outOfRange(
        file: file, key: prefix + key, found: "\(number)",
        expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag(_ key: String, or fallback: Bool) throws -> Bool {
    guard let value = self[key] else { return fallback }
    guard case .flag(let flag) = value else { throw wrong(key, "true or false") }
    return flag
  }

  func text(_ key: String) throws -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.text else { throw wrong(key, "a string") }
    return text
  }

  func object(_ key: String) throws -> Settings? {
    guard let value = self[key] else { return nil }
    guard let object = value.object else { throw wrong(key, "an object") }
    return Settings(file: file, prefix: "\(prefix)\(key).", values: object)
  }

  func texts(_ key: String) throws -> [String]? {
    guard let value = self[key] else { return nil }
    guard let texts = value.array?.map(\.text), !texts.contains(nil) else {
      throw wrong(key, "a list of strings")
    }
    return texts.compactMap(\.self)
  }

  func numbers(_ key: String) throws -> [Double]? {
    guard let value = self[key] else { return nil }
    guard let numbers = value.array?.map(\.number), !numbers.contains(nil) else {
      throw wrong(key, "a list of numbers")
    }
    return numbers.compactMap(\.self)
  }

  /// One integer or a list of them, such as `eos_token_id`; all in `range`.
  func integers(_ key: String, in range: Range<Int>) throws -> [Int]? {
    guard let value = self[key] else { return nil }
    let found = (value.array ?? [value]).map(\.integer)
    guard !found.contains(nil) else { throw wrong(key, "an integer or a list of integers") }
    let integers = found.compactMap(\.self)
    if let outside = integers.first(where: { !range.contains($0) }) {
      throw ImportError.outOfRange(
        file: file, key: prefix + key, found: "\(outside)",
        expected: "\(range.lowerBound) to \(range.upperBound - 1)")
    }
    return integers
  }

  /// One value, or one per channel, all in `range`; `fallback` for three channels where the key is absent.
  func channels(_ key: String, in range: ClosedRange<Double>, or fallback: [Double]) throws -> [Double] {
    guard let values = try numbers(key) else { return fallback }
    guard [1, fallback.count].contains(values.count), values.allSatisfy(range.contains) else {
      throw ImportError.outOfRange(
        file: file, key: prefix + key, found: "\(values)",
        expected: "1 or \(fallback.count) values from \(range.lowerBound) to \(range.upperBound)")
    }
    return values
  }

  /// Refuses any value of `key` but the supported ones; an absent key counts as the first of them.
  func require(_ key: String, among supported: [String]) throws {
    guard let value = self[key] else { return }
    let found = value.description
    guard supported.contains(found) else {
      throw ImportError.unsupportedSetting(file: file, key: prefix + key, found: found, supported: supported)
    }
  }

  /// Refuses `key` where it is true.
  func requireOff(_ key: String) throws {
    if try flag(key, or: false) {
      throw ImportError.unsupportedSetting(file: file, key: prefix + key, found: "true", supported: ["false"])
    }
  }
}

/// Maps `folder`/`file`; nil where there is no such file. Links are followed: the Hugging Face cache consists
/// of them.
func optionalFile(_ file: String, in folder: String) throws -> MappedFile? {
  do throws(CheckpointError) {
    return try MappedFile(path: "\(folder)/\(file)")
  } catch {
    switch error.problem {
    case .system("open", code: ENOENT), .system("open", code: ENOTDIR): return nil
    default: throw error
    }
  }
}
