/// Entries in the order in which they were written.
final class Mapping {
  let entries: [(key: Value, value: Value)]
  let depth: Int
  /// Where each key stands, for dictionaries too large to be searched in order.
  private let places: [MappingKey: Int]

  private static let searchedInOrder = 8

  fileprivate init(_ entries: [(key: Value, value: Value)], _ places: [MappingKey: Int], depth: Int) {
    (self.entries, self.depth) = (entries, depth)
    self.places = entries.count > Self.searchedInOrder ? places : [:]
  }

  subscript(name: MarkedString) -> Value? {
    if entries.count > Self.searchedInOrder { return places[.string(name)].map { entries[$0].value } }
    for entry in entries {
      if case .string(let key) = entry.key, key == name { return entry.value }
    }
    return nil
  }

  subscript(key: MappingKey) -> Value? {
    if case .string(let name) = key { return self[name] }
    if entries.count > Self.searchedInOrder { return places[key].map { entries[$0].value } }
    return entries.first { MappingKey.simple($0.key) == key }?.value
  }
}

/// Makes a dictionary, in which a later entry of the same key replaces the value and keeps place and key.
struct MappingBuilder {
  private var entries: [(key: Value, value: Value)] = []
  private var places: [MappingKey: Int] = [:]
  private var depth = 0

  mutating func set(_ key: Value, _ value: Value, _ meter: Meter) throws(TemplateError) {
    guard let found = MappingKey.simple(key) else {
      throw meter.fail(.operands("a dictionary's key", found: key.kind))
    }
    depth = max(depth, value.depth)
    if let place = places[found] {
      entries[place].value = value
    } else {
      try meter.make(values: 2)
      places[found] = entries.count
      entries.append((key, value))
    }
  }

  func finish(_ meter: Meter) throws(TemplateError) -> Mapping {
    guard depth < TemplateLimits.valueDepth else {
      throw .limit(line: meter.line, .depth(limit: TemplateLimits.valueDepth))
    }
    return Mapping(entries, places, depth: depth + 1)
  }
}

/// What may be a key: keys that Python holds for equal are equal.
enum MappingKey: Hashable {
  case undefined, none
  case int(Int)
  case float(Double)
  case string(MarkedString)
  indirect case tuple([MappingKey])

  /// The key that a value is, or nil for one that cannot be.
  static func simple(_ value: Value) -> MappingKey? {
    switch value {
    case .undefined: return .undefined
    case .none: return MappingKey.none
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .int(let number): return .int(number)
    case .float(let number): return Int(exactly: number).map(MappingKey.int) ?? .float(number)
    case .string(let text): return .string(text)
    case .sequence(let sequence) where sequence.form == .tuple && sequence.depth == 1:
      var keys: [MappingKey] = []
      for item in sequence.items {
        guard let key = simple(item) else { return nil }
        keys.append(key)
      }
      return .tuple(keys)
    default: return nil
    }
  }
}
