import JSON
import Vocabulary
import WireProtocol

/// JSON as an indented outline: `name: value` lines, nested by two spaces.
enum Outline {
  static func lines(_ value: JSONValue, indentation: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    switch value {
    case .object(let object):
      return object.members.flatMap { member in
        let name = member.name.oneLine
        if let text = leaf(member.value) { return ["\(margin)\(name): \(text)"] }
        return ["\(margin)\(name):"] + lines(member.value, indentation: indentation + 2)
      }
    case .array(let elements):
      return elements.flatMap { element in
        if let text = leaf(element) { return ["\(margin)- \(text)"] }
        return ["\(margin)-"] + lines(element, indentation: indentation + 2)
      }
    case .null, .bool, .integer, .unsigned, .number, .string: return [margin + (leaf(value) ?? "")]
    }
  }

  /// The value on one line: scalars, and arrays and objects that are empty or hold few scalars.
  private static func leaf(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): return text.oneLine
    case .object(let object): return object.members.isEmpty ? "none" : nil
    case .array(let elements):
      if elements.isEmpty { return "none" }
      let texts = elements.compactMap { element -> String? in
        switch element {
        case .array, .object: nil
        case .null, .bool, .integer, .unsigned, .number, .string: leaf(element)
        }
      }
      return texts.count == elements.count && texts.count <= 16 ? texts.joined(separator: ", ") : nil
    case .null, .bool, .integer, .unsigned, .number: return String(decoding: value.encoded(), as: UTF8.self)
    }
  }
}
