import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Templates

@Suite("Template fuzzing")
struct TemplateFuzzTests {
  private static let sources: [[UInt8]] = {
    let file = FileManager.default.contents(atPath: "\(Golden.folder)/templates/cases.json") ?? Data()
    guard case .array(let cases)? = (try? JSONValue(parsing: Array(file)))?["cases"] else { return [] }
    return cases.compactMap { $0["template"]?.stringValue.map { Array($0.utf8) } }
  }()

  private static let pieces = [
    "{{ ", " }}", "{% ", " %}", "{%- endfor %}", "|join", "|tojson", " is ", " if ", " else ", "(", ")", "[",
    "]", "'",
    " ~ ", " * ", "messages", "list", "9223372036854775807", "-1", ":", ".items()", "\\", "é", "{#", "raw",
    "{% endif %}",
    "namespace(x=1)", "loop.index", "range(3)", "%", "{", "}",
  ].map { Array($0.utf8) }

  private func mutated(_ random: inout SeededGenerator) -> String {
    var bytes = Self.sources.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 0...6, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 2: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
      case 3: bytes.insert(contentsOf: Self.sources.randomElement(using: &random) ?? [], at: place)
      default: if place < bytes.count { bytes[place] = UInt8.random(in: 0...127, using: &random) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func value(_ random: inout SeededGenerator, depth: Int = 0) -> JSONValue {
    switch Int.random(in: 0..<(depth < 3 ? 9 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .integer([0, 1, -1, .max, .min, 7].randomElement(using: &random) ?? 0)
    case 3: return .number([0, -0.5, 1e308, 1e-308, 2.5].randomElement(using: &random) ?? 0)
    case 4, 5:
      return .string(
        ["", "a", " é🦙 ", "<|im_end|>", "{{ x }}", "%s %d", "{0}"].randomElement(using: &random) ?? "")
    case 6, 7:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
    default:
      let names = ["role", "content", "items", "a"].prefix(Int.random(in: 0...4, using: &random))
      return .object(
        JSONObject(members: names.map { .init(name: $0, value: value(&random, depth: depth + 1)) }))
    }
  }

  @Test("broken templates and odd values give errors, never traps, in bounded time")
  func mutations() {
    var random = SeededGenerator()
    var limits = TemplateLimits()
    (limits.steps, limits.madeBytes, limits.outputBytes) = (20_000, 1 << 20, 1 << 16)
    let names = [
      "text", "word", "number", "real", "list", "names", "nested", "dict", "people", "missing", "yes",
    ]
    var (parsed, rendered) = (0, 0)
    for _ in 0..<10_000 {
      guard let template = try? ChatTemplate(mutated(&random)) else { continue }
      parsed += 1
      let options = JSONObject(members: names.map { .init(name: $0, value: value(&random)) })
      let input = ChatInput(
        messages: value(&random), tools: value(&random), addGenerationPrompt: .random(using: &random),
        tokens: ["bos_token": "<s>"], options: options,
        clock: TemplateClock(localSeconds: .random(in: .min ... .max, using: &random)))
      if (try? template.render(input, limits: limits)) != nil { rendered += 1 }
    }
    #expect(parsed > 1000 && rendered > 300, "\(parsed) were read and \(rendered) rendered, \(random)")
  }
}
