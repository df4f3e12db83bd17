import JSON

/// The chat template of a Hugging Face folder: `chat_template.jinja`, or `chat_template` of tokenizer_config.json, which is a
/// text or several by name.
///
/// `transformers` uses the one named "default" where nobody asks for another, and raises where there is none of that name.
struct FolderTemplate {
  private(set) var text: String?
  /// Sentences for whoever imports the model.
  private(set) var notes: [String] = []

  /// - Throws: ``ImportError`` where the templates have no default, or are written otherwise.
  init(_ folder: String) throws {
    if let file = try optionalFile("chat_template.jinja", in: folder) {
      text = String(decoding: file.contents(), as: UTF8.self)
      return
    }
    guard let settings = try Settings.read("tokenizer_config.json", in: folder) else { return }
    guard let templates = try Self.named(settings) else {
      text = try settings.text(Self.key)
      return
    }
    let names = templates.keys.sorted().map { "'\($0.prefix(96))'" }
    guard let usual = templates["default"] else {
      if names.isEmpty { return }
      throw ImportError.unsupportedSetting(
        file: settings.file, key: Self.key, found: "named \(names.joined(separator: ", "))",
        supported: ["templates of which one is named 'default'; give the one to use that name"])
    }
    text = usual
    let others = names.filter { $0 != "'default'" }
    if !others.isEmpty {
      notes = [
        "\(settings.file): chat templates \(others.joined(separator: ", ")) left out; 'default' is used"
      ]
    }
  }

  private static let key = "chat_template"

  /// A list of objects with a name and a template, or an object of templates; nil where it is none of them.
  private static func named(_ settings: Settings) throws -> [String: String]? {
    guard let value = settings[key], let pairs = value.pairs else { return nil }
    var templates: [String: String] = [:]
    for (name, template) in pairs {
      guard let name, let template else {
        throw ImportError.wrongKind(
          file: settings.file, key: key,
          expected: "a string, or templates that have a 'name' and a 'template' each")
      }
      templates[name] = template
    }
    return templates
  }
}

extension JSONValue {
  fileprivate var pairs: [(name: String?, template: String?)]? {
    if let elements { return elements.map { ($0["name"]?.text, $0["template"]?.text) } }
    return members.map { $0.map { ($0.name, $0.value.text) } }
  }
}
