import JSON

/// The keys of a file that somebody asked for, in all its objects, by their whole names.
final class AskedKeys {
  var names: Set<String> = []
}

extension Settings {
  /// Keys with a value that nobody asked for, in this object and in those within it that somebody asked for; sorted, by their
  /// whole names.
  var unasked: [String] {
    values.keys.sorted().flatMap { key -> [String] in
      guard let value = self.values[key], value != .null else { return [] }
      guard asked.names.contains(prefix + key) else { return [prefix + key] }
      return inner(key)?.unasked ?? []
    }
  }

  /// Counts keys as read: what another setting goes before.
  func passOver(_ keys: [String]) {
    for key in keys { asked.names.insert(prefix + key) }
  }

  /// The value under a whole name.
  func value(_ name: String) -> JSONValue {
    let key = name.dropFirst(prefix.count)
    if let value = values[String(key)] { return value }
    guard let dot = key.firstIndex(of: ".") else { return .null }
    return inner(String(key[..<dot]))?.value(name) ?? .null
  }

  private func inner(_ key: String) -> Settings? {
    values[key]?.members.map { Settings(of: self, key, members: $0) }
  }
}
