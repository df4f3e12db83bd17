import TestSupport
import Testing

@testable import Importers

@Suite("Chat templates of Hugging Face folders")
struct FolderTemplateTests {
  private func read(_ template: String) throws -> FolderTemplate {
    let folder = try TemporaryFolder()
    try folder.write("tokenizer_config.json", "{\"chat_template\": \(template)}")
    return try FolderTemplate(folder.path)
  }

  @Test("of several, the default is used and the others are named")
  func several() throws {
    let list = """
      [{"name": "tool_use", "template": "a"}, {"name": "default", "template": "b"}]
      """
    let found = try read(list)
    #expect(found.text == "b")
    #expect(
      found.notes == ["tokenizer_config.json: chat templates 'tool_use' left out; 'default' is used"])
    let object = try read(#"{"default": "b"}"#)
    #expect(object.text == "b" && object.notes.isEmpty)
  }

  @Test("a text is the template, and null and nothing are none")
  func single() throws {
    #expect(try read("\"c\"").text == "c")
    #expect(try read("null").text == nil && read("[]").text == nil)
    #expect(try FolderTemplate(TemporaryFolder().path).text == nil)
  }

  @Test(
    "templates without a default, and what is no template, are refused",
    arguments: [
      (
        #"[{"name": "tool_use", "template": "a"}, {"name": "rag", "template": "b"}]"#,
        "named 'rag', 'tool_use'"
      ),
      (#"[{"name": "default"}]"#, "a 'name' and a 'template' each"), (#"["a"]"#, "a 'name' and a 'template'"),
      ("7", "'chat_template' should be a string"), (#"{"rag": "b"}"#, "one is named 'default'"),
    ])
  func refused(template: String, message: String) {
    let error = #expect(throws: ImportError.self) { try read(template) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
