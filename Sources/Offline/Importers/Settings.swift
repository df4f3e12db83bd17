import Checkpoints
import Glibc
import JSON

/// One JSON object of a configuration file. Errors name the file and the key; null counts as absent.
struct Settings {
  /// The largest configuration file that is read.
  static let sizeLimit = 64 << 20

  let file: String
  let prefix: String
  let values: [String: JSONValue]
  let asked: AskedKeys

  init(
    file: String, prefix: String = "", values: [String: JSONValue], asked: AskedKeys = AskedKeys()
  ) {
    self.file = file
    self.prefix = prefix
    self.values = values
    self.asked = asked
  }

  /// - Throws: ``ImportError/unreadable(file:reason:)`` where the text is no JSON object.
  init(file: String, json: [UInt8]) throws(ImportError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: json, limit: Self.sizeLimit)
    } catch {
      throw .unreadable(file: file, reason: error.description)
    }
    guard let members = value.members else {
      throw .unreadable(file: file, reason: "it is \(value.kind) where an object was expected")
    }
    self.init(file: file, values: Self.dictionary(members))
  }

  /// The object under `key` of `outer`.
  init(of outer: Settings, _ key: String, members: [JSONObject.Member]) {
    self.init(
      file: outer.file, prefix: "\(outer.prefix)\(key).", values: Self.dictionary(members), asked: outer.asked
    )
  }

  private static func dictionary(_ members: [JSONObject.Member]) -> [String: JSONValue] {
    Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// Reads the object at `folder`/`file`; nil where there is no such file.
  static func read(_ file: String, in folder: String) throws -> Settings? {
    guard let mapping = try optionalFile(file, in: folder) else { return nil }
    guard mapping.bytes.count <= sizeLimit else {
      throw ImportError.unreadable(file: file, reason: "it has more than \(sizeLimit) bytes")
    }
    return try Settings(file: file, json: mapping.contents())
  }

  subscript(key: String) -> JSONValue? {
    asked.names.insert(prefix + key)
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
    guard let flag = value.bool else { throw wrong(key, "true or false") }
    return flag
  }

  func text(_ key: String) throws -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.text else { throw wrong(key, "a string") }
    return text
  }

  func object(_ key: String) throws -> Settings? {
    guard let value = self[key] else { return nil }
    guard let members = value.members else { throw wrong(key, "an object") }
    return Settings(of: self, key, members: members)
  }

  func texts(_ key: String) throws -> [String]? {
    guard let value = self[key] else { return nil }
    guard let texts = value.elements?.map(\.text), !texts.contains(nil) else {
      throw wrong(key, "a list of strings")
    }
    return texts.compactMap(\.self)
  }

  /// A class name: a string, or a number as it is written.
  func label(_ key: String) throws -> String? {
    guard let value = self[key] else { return nil }
    guard let label = value.label else { throw wrong(key, "a string or a number") }
    return label
  }

  /// A list of class names; see ``label(_:)``.
  func labels(_ key: String) throws -> [String]? {
    guard let value = self[key] else { return nil }
    guard let labels = value.elements?.map(\.label), !labels.contains(nil) else {
      throw wrong(key, "a list of strings or numbers")
    }
    return labels.compactMap(\.self)
  }

  func numbers(_ key: String) throws -> [Double]? {
    guard let value = self[key] else { return nil }
    guard let numbers = value.elements?.map(\.number), !numbers.contains(nil) else {
      throw wrong(key, "a list of numbers")
    }
    return numbers.compactMap(\.self)
  }

  /// One integer or a list of them, such as `eos_token_id`; all in `range`.
  func integers(_ key: String, in range: Range<Int>) throws -> [Int]? {
    guard let value = self[key] else { return nil }
    let found = (value.elements ?? [value]).map(\.integer)
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
    let found = value.found
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
