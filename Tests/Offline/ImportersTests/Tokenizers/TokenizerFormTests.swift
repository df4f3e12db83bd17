import FoundationEssentials
import Glibc
import Importers
import JSON
import TestSupport
import Testing
import Tokenizers
import Vocabulary

/// Small tokenizers of many forms against what the `tokenizers` package makes of the same strings.
///
/// `Tests/Fixtures/make_tokenizer_forms.py` wrote them; `QUANTD_TOKENIZER_FORMS` names a longer file of the same kind.
@Suite("Tokenizers of many forms")
struct TokenizerFormTests {
  private static let path =
    getenv("QUANTD_TOKENIZER_FORMS").map { String(cString: $0) }
    ?? "\(Golden.folder)/TokenizerForms/forms.json"

  private func fixture() throws -> JSONValue {
    try JSONValue(
      parsing: Array(Data(contentsOf: URL(filePath: Self.path))), limit: JSONLimits.fileBytes)
  }

  private func elements(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let elements) = value { elements } else { [] }
  }

  private func ids(_ value: JSONValue?) -> [Int32] {
    elements(value).compactMap { $0.integerValue.flatMap(Int32.init(exactly:)) }
  }

  /// The `tokenizer.json` of a form: its members, and its model with the settings that the form changes.
  private func file(_ form: JSONValue, _ models: JSONValue?) -> [UInt8] {
    var model: [JSONObject.Member] = []
    if let name = form["model"]?.stringValue, case .object(let object) = models?[name] {
      model = object.members
    }
    if case .object(let changes) = form["model_settings"] {
      model.removeAll { member in changes.members.contains { $0.name == member.name } }
      model += changes.members
    }
    let names = ["normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens"]
    var members = names.map { JSONObject.Member(name: $0, value: form[$0] ?? .null) }
    members.append(.init(name: "model", value: .object(JSONObject(members: model))))
    var writer = JSONWriter()
    writer.value(.object(JSONObject(members: members)))
    return writer.bytes
  }

  @Test("ids and texts are those of the reference")
  func reference() throws {
    let fixture = try fixture()
    let strings = elements(fixture["strings"]).compactMap(\.stringValue)
    let forms = elements(fixture["forms"])
    #expect(forms.count >= 80 && strings.count >= 30)
    for form in forms {
      let name = form["name"]?.stringValue ?? ""
      let model = try TokenizerJSON.read(file(form, fixture["models"]))
      let tokenizer = try Tokenizer(model)
      #expect((model.header.prefix + model.header.suffix).map(\.rawValue) == ids(form["around"]), "\(name)")
      let (encodings, texts) = (elements(form["ids"]), elements(form["texts"]))
      #expect(encodings.count == strings.count && texts.count == strings.count)
      for (index, string) in strings.enumerated() {
        let encoding = tokenizer.encode(string, parseSpecial: true)
        #expect(encoding.map(\.rawValue) == ids(encodings[index]), "\(name): \(string.debugDescription)")
        let text = texts[index].stringValue ?? string
        let decoded = tokenizer.decode(ids(encodings[index]).map { TokenID($0) })
        #expect(decoded.utf8.elementsEqual(text.utf8), "\(name): \(string.debugDescription)")
      }
    }
  }

  @Test("headers survive a pack, and a prompt by a template is encoded as its text")
  func storage() throws {
    let fixture = try fixture()
    let strings = elements(fixture["strings"]).compactMap(\.stringValue)
    for form in elements(fixture["forms"]) {
      let model = try TokenizerJSON.read(file(form, fixture["models"]))
      let stored = try JSONEncoder().encode(model.header)
      #expect(try JSONDecoder().decode(TokenizerHeader.self, from: stored) == model.header)
      let tokenizer = try Tokenizer(model)
      for string in strings {
        let whole = tokenizer.encode(string, parseSpecial: true)
        #expect(tokenizer.encode(PromptText(string, byTemplate: true)) == whole, "\(string.debugDescription)")
        let own = tokenizer.encode(PromptText(string, byTemplate: false))
        #expect(own == tokenizer.encode(string), "\(string.debugDescription)")
        let unknown = model.header.unknown
        #expect(own.allSatisfy { !tokenizer.isSpecial($0) || $0 == unknown }, "\(string.debugDescription)")
      }
    }
  }
}
