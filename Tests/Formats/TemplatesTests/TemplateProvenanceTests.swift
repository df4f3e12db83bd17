import JSON
import TestSupport
import Testing
import Vocabulary

@testable import Templates

@Suite("Template provenance")
struct TemplateProvenanceTests {
  /// What `template` renders, with the template's bytes between ⟨ and ⟩.
  private func marked(_ template: String, _ options: JSONObject = .init()) throws -> String {
    let input = ChatInput(
      messages: [["role": "user", "content": "ab<|x|>cd", "ab": "key"]],
      tokens: ["bos_token": "<|bos|>"], options: options, clock: GoldenTemplate.clock)
    let text = try ChatTemplate("{% set c = messages[0].content %}" + template).render(input)
    var result = ""
    var position = 0
    for range in text.templateRanges {
      result += String(decoding: text.bytes[position..<range.lowerBound], as: UTF8.self)
      result += "⟨" + String(decoding: text.bytes[range], as: UTF8.self) + "⟩"
      position = range.upperBound
    }
    return result + String(decoding: text.bytes[position...], as: UTF8.self)
  }

  static let operations: [(template: String, expected: String)] = [
    ("<|y|>{{ c }}<|y|>", "⟨<|y|>⟩ab<|x|>cd⟨<|y|>⟩"),
    ("{{ bos_token }}{{ 'lit' }}", "⟨<|bos|>lit⟩"),
    ("{{ '<|im' ~ c ~ '|>' }}", "⟨<|im⟩ab<|x|>cd⟨|>⟩"),
    ("{{ '<|' + c[0:1] + '|>' }}", "⟨<|⟩a⟨|>⟩"),
    ("{{ c.replace('<|x|>', '<|y|>') }}", "ab⟨<|y|>⟩cd"),
    ("{{ 'ab<|x|>'.replace('ab', c) }}", "ab<|x|>cd⟨<|x|>⟩"),
    ("{{ c|replace('b', '-') }}", "a⟨-⟩<|x|>cd"),
    ("{{ c.split('|')|join('|') }}", "ab<⟨|⟩x⟨|⟩>cd"),
    ("{{ c.split('<')[1].strip('cd') }}", "|x|>"),
    ("{{ [c, 'T', c[:2]]|join(c[0]) }}", "ab<|x|>cda⟨T⟩aab"),
    ("{{ c.upper() }}{{ 'up'|upper }}", "AB<|X|>CD⟨UP⟩"),
    ("{% for x in c %}{{ x }}{% endfor %}", "ab<|x|>cd"),
    (
      "{% set ns = namespace(s='') %}{% for x in c %}{% set ns.s = ns.s ~ x %}{% endfor %}{{ ns.s }}",
      "ab<|x|>cd"
    ),
    ("{% set ns = namespace(s='T') %}{% set ns.s = ns.s + c %}{{ ns.s }}", "⟨T⟩ab<|x|>cd"),
    ("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(c) }}", "⟨[⟩ab<|x|>cd⟨]⟩"),
    ("{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}{{ c }}!{% endcall %}", "⟨[⟩ab<|x|>cd⟨!]⟩"),
    ("{% set x %}T{{ c }}{% endset %}{{ x }}", "⟨T⟩ab<|x|>cd"),
    ("{% filter upper %}t{{ c }}{% endfilter %}", "⟨T⟩AB<|X|>CD"),
    ("{{ c|tojson }}", "\"ab<|x|>cd\""),
    ("{{ messages|tojson }}", #"[{"role": "user", "content": "ab<|x|>cd", "ab": "key"}]"#),
    ("{{ {'k': c}|tojson }}", "{\"⟨k⟩\": \"ab<|x|>cd\"}"),
    ("{{ '<%s>' % c }}", "⟨<⟩ab<|x|>cd⟨>⟩"),
    ("{{ '<{}|{:>4}>'.format(c, 'é') }}", "⟨<⟩ab<|x|>cd⟨|⟩   ⟨é>⟩"),
    ("{{ c.format() }}{{ c % () }}", "ab<|x|>cdab<|x|>cd"),
    ("{{ messages }}", "[{'role': 'user', 'content': 'ab<|x|>cd', 'ab': 'key'}]"),
    ("{% for k in messages[0] %}{{ k }}{% endfor %}", "rolecontentab"),
    (
      "{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}",
      "role⟨=⟩user⟨;⟩content⟨=⟩ab<|x|>cd⟨;⟩ab⟨=⟩key⟨;⟩"
    ),
    ("{{ {c: 1}|list|first }}{{ {'ab': 'T'}[c[:2]] }}", "ab<|x|>cd⟨T⟩"),
    ("{% set d = dict(messages[0], role='T') %}{{ d.role }}{{ d|list|first }}", "⟨T⟩role"),
    ("{{ 'T' if c == 'ab<|x|>cd' else '' }}{{ c == 'x' }}{{ '<' in c }}", "⟨T⟩FalseTrue"),
    ("{{ dict(**messages[0])|list|join('-') }}", "role⟨-⟩content⟨-⟩ab"),
    ("{% macro m() %}{{ kwargs|list|join }}{% endmacro %}{{ m(**messages[0]) }}", "rolecontentab"),
    ("{{ 5 }}{{ 1.5 }}{{ none }}{{ [1] }}", "51.5None[1]"),
    ("{{ c * 2 }}{{ 'T' * 3 }}", "ab<|x|>cdab<|x|>cd⟨TTT⟩"),
    ("{{ c[::-1] }}{{ c|reverse }}", "dc>|x|<badc>|x|<ba"),
    ("{{ 'T\n'|indent(2, true) }}{{ 'T'|center(3) }}{{ 'T'.rjust(2, c[0]) }}", "  ⟨T⟩\n ⟨T⟩ a⟨T⟩"),
    ("{{ c|first }}{{ 'T'|first }}{{ (c ~ 'T')|last }}", "a⟨TT⟩"),
    ("{{ (c ~ 'T').lstrip('ab').rstrip(c) }}", "<|x|>cd⟨T⟩"),
    ("{{ strftime_now('%Y') }}{{ strftime_now(c[:2] ~ '%d') }}", "⟨2026⟩ab⟨26⟩"),
    ("{{ name }}{{ name ~ bos_token }}", "<|bos|><|bos|>⟨<|bos|>⟩"),
    ("{{ (c ~ 'T')|title }}{{ c|e }}", "Ab<|x|>cd⟨t⟩ab&lt;|x|&gt;cd"),
    ("{{ c.partition('x')|join('') }}{{ 'a<|b'.splitlines()|join }}", "ab<|x|>cd⟨a<|b⟩"),
    ("{{ c|truncate(4, true, 'E', 0) }}", "ab<⟨E⟩"),
    ("{{ [c, c]|map('replace', 'ab', 'T')|join }}", "⟨T⟩<|x|>cd⟨T⟩<|x|>cd"),
  ]

  @Test("every operation keeps who wrote which byte", arguments: operations.indices)
  func operation(index: Int) throws {
    let (template, expected) = Self.operations[index]
    let options = JSONObject(members: [.init(name: "name", value: "<|bos|>")])
    #expect(try marked(template, options) == expected, "\(template)")
  }

  @Test("an option replaces no token of the model")
  func optionsReplaceNothing() throws {
    let options = JSONObject(members: [
      .init(name: "bos_token", value: "forged"), .init(name: "messages", value: "forged"),
      .init(name: "tools", value: "forged"), .init(name: "range", value: "forged"),
    ])
    #expect(try marked("{{ bos_token }}{{ c }}{{ tools }}", options) == "⟨<|bos|>⟩ab<|x|>cdNone")
  }

  /// A character of no template, in which every byte of a message is written.
  private static let marker: Unicode.Scalar = "\u{E123}"

  /// `value` with every string below it made of markers, except those called `kept`.
  private func replaced(_ value: JSONValue, kept: Set<String>) -> JSONValue {
    switch value {
    case .string(let text):
      return .string(String(repeating: Character(Self.marker), count: max(1, text.count)))
    case .array(let items): return .array(items.map { replaced($0, kept: kept) })
    case .object(let object):
      return .object(
        JSONObject(
          members: object.members.map {
            .init(name: $0.name, value: kept.contains($0.name) ? $0.value : replaced($0.value, kept: kept))
          }))
    default: return value
    }
  }

  @Test(
    "no byte of a message, tool or option is ever the template's, in any public template",
    .enabled(if: SharedData.available, "needs shared data"), arguments: GoldenTemplate.all)
  func messagesStayMessages(golden: GoldenTemplate) throws {
    let template = try ChatTemplate(golden.source)
    var rendered = 0
    for (goldenCase, kept) in golden.cases.flatMap({ goldenCase in
      [["role", "type"], ["role"], []].map { (goldenCase, Set<String>($0)) }
    }) {
      var input = goldenCase.input
      input.messages = replaced(input.messages, kept: kept)
      input.tools = input.tools.map { replaced($0, kept: kept) }
      if case .object(let options) = replaced(.object(input.options), kept: kept) { input.options = options }
      guard let text = try? template.render(input) else { continue }
      rendered += 1
      let pattern = Array(String(Self.marker).utf8)
      for range in text.templateRanges {
        let part = MarkedString(bytes: Array(text.bytes[range]), byTemplate: true)
        #expect(
          part.firstOffset(of: pattern, in: 0..<part.count) == nil, "\(golden.name), \(goldenCase.name)")
        for byte in part.bytes where byte == pattern[0] { Issue.record("\(golden.name): part of a marker") }
      }
    }
    #expect(rendered > 0)
  }

  @Test(
    "a message of special tokens adds none that the template wrote",
    .enabled(if: SharedData.available, "needs shared data"), arguments: GoldenTemplate.all)
  func noForgedTurns(golden: GoldenTemplate) throws {
    let template = try ChatTemplate(golden.source)
    let forged = specialTexts(in: golden.source)
    for goldenCase in golden.cases {
      for text in forged {
        let plain = String(repeating: "q", count: text.utf8.count)
        let counts = [plain, text].map { content -> Int? in
          var input = goldenCase.input
          input.messages = [["role": "user", "content": .string(content)]]
          return try? count(of: text, in: template.render(input))
        }
        #expect(counts[0] == counts[1], "\(golden.name): \(text)")
      }
    }
  }

  /// Texts like `<|im_end|>` that stand in a source.
  private func specialTexts(in source: String) -> Set<String> {
    var texts: Set<String> = []
    var rest = source[...]
    while let start = rest.firstIndex(of: "<") {
      rest = rest[start...]
      guard let end = rest.firstIndex(of: ">") else { break }
      let text = rest[...end]
      if text.count < 32, text.hasPrefix("<|"), text.hasSuffix("|>") { texts.insert(String(text)) }
      rest = rest.dropFirst()
    }
    return texts
  }

  private func count(of special: String, in text: PromptText) -> Int {
    let (bytes, part) = (MarkedString(bytes: text.bytes, byTemplate: true), Array(special.utf8))
    var (count, offset) = (0, 0)
    while let found = bytes.firstOffset(of: part, in: offset..<bytes.count) {
      if text.isTemplate(found..<found + part.count) { count += 1 }
      offset = found + 1
    }
    return count
  }
}
