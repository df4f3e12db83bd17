import Checkpoints

/// The metadata of a GGUF file, asked value by value. It remembers what was asked, so that what nobody reads is found.
///
/// Errors name the file and the whole key.
final class GGUFSettings {
  let file: String
  private let values: [String: GGUFValue]
  private var asked: Set<String> = []

  init(file: String, values: [String: GGUFValue]) {
    self.file = file
    self.values = values
  }

  /// All keys, sorted.
  var keys: [String] { values.keys.sorted() }

  subscript(key: String) -> GGUFValue? {
    asked.insert(key)
    return values[key]
  }

  private func wrong(_ key: String, _ expected: String) -> ImportError {
    .wrongKind(file: file, key: key, expected: expected)
  }

  private func missing(_ key: String) -> ImportError { .missingSetting(file: file, key: key) }

  func text(_ key: String) throws(ImportError) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.text else { throw wrong(key, "a string") }
    return text
  }

  func flag(_ key: String) throws(ImportError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let flag = value.flag else { throw wrong(key, "true or false") }
    return flag
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(ImportError) -> Int {
    guard let value = try integerIfPresent(key, in: range) else { throw missing(key) }
    return value
  }

  /// One number, or one for each layer where they are all the same.
  func integerIfPresent(_ key: String, in range: ClosedRange<Int>) throws(ImportError) -> Int? {
    guard let value = self[key] else { return nil }
    var single = value.integer
    if let list = value.array?.integers {
      guard Set(list).count == 1 else {
        throw .unsupportedSetting(
          file: file, key: key, found: "different from layer to layer",
          supported: ["one number for all layers"])
      }
      single = list[0]
    }
    guard let single else { throw wrong(key, "a whole number") }
    guard range.contains(single) else {
      throw .outOfRange(
        file: file, key: key, found: "\(single)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return single
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(ImportError) -> Double {
    guard let value = try numberIfPresent(key, in: range) else { throw missing(key) }
    return value
  }

  func numberIfPresent(_ key: String, in range: ClosedRange<Double>) throws(ImportError) -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.number else { throw wrong(key, "a number") }
    guard range.contains(number) else {
      throw .outOfRange(
        file: file, key: key, found: "\(number)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Refuses any value of `key` but those; an absent key is none.
  func require(_ key: String, among supported: [String]) throws(ImportError) {
    guard let value = self[key] else { return }
    let found = value.text ?? value.found
    guard supported.contains(found) else {
      throw .unsupportedSetting(file: file, key: key, found: String(found.prefix(96)), supported: supported)
    }
  }

  /// Refuses `key` where it is a number other than `neutral`.
  func require(_ key: String, neutral: Double) throws(ImportError) {
    guard let value = self[key], value.number != neutral else { return }
    throw .unsupportedSetting(file: file, key: key, found: value.found, supported: ["\(neutral)"])
  }

  /// Refuses keys that begin with `prefix`, were never asked for and are not in `harmless`.
  func requireAllAsked(prefix: String, except harmless: [String]) throws(ImportError) {
    let passed = asked.union(harmless.map { prefix + $0 })
    guard let key = keys.first(where: { $0.hasPrefix(prefix) && !passed.contains($0) }) else { return }
    throw .unreadSetting(file: file, key: key, found: values[key]?.found ?? "")
  }
}
