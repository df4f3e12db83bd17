import JSON
import Tokenizers

/// What the readers of normalizers, pre-tokenizers and decoders have in common.
enum StepReader {
  /// How deep sequences may stand in each other.
  private static let depth = 8

  /// A sequence is its parts, however deep; anything else is one step; null is none.
  static func steps(
    _ node: JSONValue?, _ field: String, parts: String, depth: Int = depth
  ) throws(TokenizerImportError) -> [JSONValue] {
    guard let node else { return [] }
    guard node.type == "Sequence" else { return [node] }
    guard depth > 0 else { throw .unsupported(field: field, found: "deeply nested", supported: "8 levels") }
    guard let elements = node[parts]?.elements else { throw .missing(field: "\(field).\(parts)") }
    var steps: [JSONValue] = []
    for element in elements { steps += try self.steps(element, field, parts: parts, depth: depth - 1) }
    return steps
  }

  static func pattern(_ step: JSONValue, _ field: String) throws(TokenizerImportError) -> TextPattern {
    if let text = step["pattern"]?["String"]?.text { return .literal(text: text) }
    if let text = step["pattern"]?["Regex"]?.text { return .expression(text: text) }
    throw .unexpected(field: "\(field).pattern", found: "neither", expected: "a String or a Regex")
  }

  static func text(_ step: JSONValue, _ name: String, _ field: String) throws(TokenizerImportError) -> String
  {
    guard let text = step[name]?.text else { throw .missing(field: "\(field).\(name)") }
    return text
  }

  static func flag(_ step: JSONValue, _ name: String, _ field: String) throws(TokenizerImportError) -> Bool {
    guard let flag = step[name]?.bool else { throw .missing(field: "\(field).\(name)") }
    return flag
  }

  /// A flag that files may leave out.
  static func flag(
    _ step: JSONValue, _ name: String, _ field: String, default value: Bool
  ) throws(TokenizerImportError) -> Bool {
    guard let found = step[name] else { return value }
    guard let flag = found.bool else {
      throw .unexpected(field: "\(field).\(name)", found: found.found, expected: "true or false")
    }
    return flag
  }

  static func behavior(
    _ step: JSONValue, _ field: String, default value: SplitBehavior? = nil
  ) throws(TokenizerImportError) -> SplitBehavior {
    guard let name = step["behavior"]?.text else {
      guard let value else { throw .missing(field: "\(field).behavior") }
      return value
    }
    switch name {
    case "Removed": return .removed
    case "Isolated": return .isolated
    case "MergedWithPrevious": return .mergedWithPrevious
    case "MergedWithNext": return .mergedWithNext
    case "Contiguous": return .contiguous
    default:
      throw .unsupported(
        field: "\(field).behavior", found: name,
        supported: "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous")
    }
  }

  /// `prepend_scheme`; files from before it say `add_prefix_space`.
  static func scheme(
    _ step: JSONValue, _ field: String
  ) throws(TokenizerImportError) -> SplitStep.PrependScheme {
    let old = try flag(step, "add_prefix_space", field, default: true) ? "always" : "never"
    let name = step["prepend_scheme"]?.text ?? old
    guard let scheme = SplitStep.PrependScheme(rawValue: name) else {
      throw .unsupported(field: "\(field).prepend_scheme", found: name, supported: "first, always, never")
    }
    return scheme
  }
}
