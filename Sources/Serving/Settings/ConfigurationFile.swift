import Arguments

/// The text of one `quantd.conf`, split into assignments.
///
///     # a comment, from a # at the start or after a space to the end of the line
///     key = value
///
/// Every line is one assignment, a comment or empty. There are no sections, quotes, escapes or continued lines.
struct ConfigurationFile {
  struct Assignment: Equatable {
    let key: String
    let value: Substring
    let line: Int
  }

  let path: String
  let assignments: [Assignment]

  /// - Throws: ``ConfigurationError`` at the first line that is no assignment, or sets a key again.
  init(_ text: String, path: String) throws(ConfigurationError) {
    self.path = path
    var found: [Assignment] = []
    // A line end of two characters is one Character in Swift.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, whole) in lines.enumerated() {
      let origin = ConfigurationError.Origin.file(path, line: index + 1)
      let line = trimmed(Self.withoutComment(whole))
      if line.isEmpty { continue }
      guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
        throw .notAnAssignment(String(line), at: origin)
      }
      let key = String(trimmed(line[..<equals]))
      if let first = found.first(where: { $0.key == key }) {
        throw .duplicate(key: key, at: origin, firstLine: first.line)
      }
      found.append(Assignment(key: key, value: trimmed(line[line.index(after: equals)...]), line: index + 1))
    }
    assignments = found
  }

  /// Sets the fields of `configuration`, later assignments over earlier ones.
  func apply(to configuration: inout Configuration) throws(ConfigurationError) {
    for assignment in assignments {
      let origin = ConfigurationError.Origin.file(path, line: assignment.line)
      guard let setting = Setting.named(assignment.key) else {
        let suggestion = Suggestion.text(for: assignment.key, among: Setting.all.map(\.name))
        throw .unknownKey(assignment.key, at: origin, suggestion: suggestion)
      }
      guard setting.apply(assignment.value, &configuration) else {
        throw .badValue(
          key: setting.name, found: String(assignment.value), allowed: setting.allowed, at: origin)
      }
    }
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    var previous: Character = " "
    for index in line.indices {
      if line[index] == "#", previous == " " || previous == "\t" { return line[..<index] }
      previous = line[index]
    }
    return line
  }
}
