import JSON
import TestSupport
import Testing

@testable import Templates

@Suite("Template limits")
struct TemplateLimitTests {
  private func error(_ source: String, _ limits: TemplateLimits = .init()) -> TemplateError? {
    let input = ChatInput(
      messages: [["role": "user", "content": "x"]],
      options: JSONObject(members: [
        .init(name: "long", value: .string(String(repeating: "a", count: 100_000)))
      ]),
      clock: GoldenTemplate.clock)
    do throws(TemplateError) {
      _ = try ChatTemplate(source).render(input, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  static let explosions = [
    "{{ 'a' * 10**9 }}", "{{ 'a' * 9223372036854775807 }}", "{{ [0] * 10**12 }}",
    "{{ long.replace('a', long) }}",
    "{{ long.replace('', long) }}", "{{ 'x'.center(10**15) }}", "{{ 'x'.zfill(10**12) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%.1000000000d' % 1 }}", "{{ '{:>1000000000}'.format(1) }}", "{{ ([long] * 10000)|join }}",
    "{{ long|indent(10**12, true) }}", "{{ [1]|tojson(indent=10**12) }}", "{{ long.join(long) }}",
    "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == [ns.s[0]] + [ns.s[1]] and 1 / 0 }}",
    "{{ [1]|batch(10**12, 0)|list }}", "{{ [1]|slice(10**12)|list }}", "{{ long|e|e|e|e|e|e * 500 }}",
  ]

  @Test("what would explode is refused before it is made", arguments: explosions)
  func explosion(source: String) {
    switch error(source) {
    case .limit, .failed: break
    case let other: Issue.record("\(source): \(String(describing: other))")
    }
  }

  @Test("loops end at the limit of steps, and output at its own")
  func loops() {
    var limits = TemplateLimits()
    limits.steps = 10_000
    let loop = "{% for i in range(1000) %}{% for j in range(1000) %}{{ i }}{% endfor %}{% endfor %}"
    #expect(error(loop, limits) == .limit(line: 1, .steps(limit: 10_000)))
    limits = TemplateLimits()
    limits.outputBytes = 1000
    #expect(error("\n{{ long }}", limits) == .limit(line: 2, .output(limit: 1000)))
    #expect(error("{{ range(10**9) }}") == .limit(line: 1, .range(count: 1_000_000_000, limit: 100_000)))
  }

  static let deep: [String] = {
    func repeated(_ text: String) -> String { String(repeating: text, count: 5000) }
    return [
      "{{ " + repeated("(") + "1" + repeated(")") + " }}", "{{ " + repeated("[") + repeated("]") + " }}",
      "{{ " + repeated("not ") + "1 }}", "{{ " + repeated("-") + "1 }}", "{{ 1" + repeated(" + 1") + " }}",
      "{{ a" + repeated(".a") + " }}", "{{ a" + repeated("[0]") + " }}", "{{ a" + repeated("()") + " }}",
      "{{ a" + repeated("|upper") + " }}", "{{ 1" + repeated(" if 1") + " }}",
      "{{ " + repeated("1 if 1 else ") + "1 }}", "{{ 1" + repeated(" ** 1") + " }}",
      "{{ 1" + repeated(" or 1") + " }}",
      repeated("{% if 1 %}") + repeated("{% endif %}"),
      repeated("{% for i in a %}") + repeated("{% endfor %}"),
      repeated("{% macro m() %}") + repeated("{% endmacro %}"),
      "{{ 1 is " + repeated("divisibleby ") + "1 }}",
      "{% for " + repeated("(") + "a" + repeated(")") + " in a %}{% endfor %}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{% macro f(x) %}{{ f(((((([x])))))) }}{% endmacro %}{{ f(1) }}",
      "{% macro f() %}{% if 1 %}{% if 1 %}{% if 1 %}{{ caller() }}{{ 1 ~ (f() ~ 2) }}{% endif %}{% endif %}{% endif %}{% endmacro %}{{ f() }}",
      "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}",
      "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = {'a': ns.x} %}{% endfor %}",
      "{{ [1]|map(" + repeated("'map', ") + "'upper')|list }}",
    ]
  }()

  @Test("deep nesting is refused, whoever nests", arguments: deep.indices)
  func nesting(index: Int) {
    switch error(Self.deep[index]) {
    case .limit, .failed, .syntax: break
    case let other: Issue.record("\(Self.deep[index].prefix(80)): \(String(describing: other))")
    }
  }

  @Test("what holds itself is freed, also where a rendering fails")
  func cycles() {
    #expect(error("{% set ns = namespace() %}{% set ns.me = ns %}{% set ns.l = [ns] %}") == nil)
    let chain =
      "{% set ns = namespace(m=0) %}{% for i in range(50000) %}{% set old = ns.m %}"
      + "{% macro m() %}{% endmacro %}{% set ns.m = m %}{% endfor %}{{ 1 / 0 }}"
    #expect(error(chain) == .failed(line: 1, .divisionByZero))
    let list =
      "{% set ns = namespace(l=[]) %}{% for i in range(300) %}{% set ns.l = ns.l + [namespace()] %}{% endfor %}"
      + "{% for i in range(299) %}{% set n = ns.l[i] %}{% set n.next = ns.l[i + 1] %}{% endfor %}"
    #expect(error(list) == nil)
  }

  @Test("whole numbers that exceed 64 bits are errors")
  func overflow() {
    for source in [
      "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 2 ** 63 }}", "{{ 10 ** 19 }}",
      "{{ 3037000500 * 3037000500 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
      "{{ -(-9223372036854775807 - 1) }}",
      "{{ (-9223372036854775807 - 1)|abs }}", "{{ 1e300|int }}", "{{ '99999999999999999999'|int }}",
    ] { #expect(error(source) == .failed(line: 1, .overflow), "\(source)") }
    #expect(error("{{ (-9223372036854775807 - 1) % -1 }}") == nil)
  }

  @Test("a source that is too large is not read")
  func sourceLimit() {
    let source = String(repeating: "a", count: TemplateLimits.sourceBytes + 1)
    #expect(
      error(source) == .limit(line: 1, .source(bytes: source.utf8.count, limit: TemplateLimits.sourceBytes)))
  }

  @Test("what is not implemented is refused by name when the source is read")
  func unsupported() {
    for (source, kind, name) in [
      ("\n{% include 'a' %}", TemplateError.Feature.tag, "include"), ("\n{{ x|urlize }}", .filter, "urlize"),
      ("\n{{ x is weird }}", .test, "weird"), ("\n{{ lipsum() }}", .function, "lipsum"),
      ("\n{% for x in y recursive %}{% endfor %}", .modifier, "recursive"), ("\n{% do x %}", .tag, "do"),
    ] {
      #expect(throws: TemplateError.unsupported(line: 2, kind: kind, name: name)) { try ChatTemplate(source) }
    }
  }

  @Test("a template's own refusal is told apart, with its line")
  func raised() {
    #expect(error("a\n{{ raise_exception('No ' ~ 'way') }}") == .raised(line: 2, text: "No way"))
    #expect(error("a\n\n{{ missing.x }}") == .failed(line: 3, .undefined("'missing'")))
  }

  @Test("the names that a template reads and does not set are its variables")
  func variables() throws {
    let template = try ChatTemplate(
      """
      {% if not date is defined %}{% set date = strftime_now('%d') %}{% endif %}{% set x = enable %}{{ x }}
      {% for m in messages %}{{ m.role }}{{ loop.index }}{% endfor %}{% macro f(a, b=c) %}{{ a }}{{ b }}{% endmacro %}
      {% if tools %}{{ f(1) }}{% endif %}{% with w = 1 %}{{ w }}{% endwith %}{{ w }}
      """)
    #expect(template.variables == ["c", "date", "enable", "messages", "tools", "w"])
    #expect(template.supportsTools)
    #expect(!template.reads("x"))
  }
}
