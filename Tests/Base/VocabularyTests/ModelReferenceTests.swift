import Testing
import Vocabulary

@Suite("Model references")
struct ModelReferenceTests {
  @Test(
    "the three forms are read and written",
    arguments: [
      ("vit", "vit", ModelReference.Selector.current), ("vit-b.16_x:3", "vit-b.16_x", .version(3)),
      ("vit@stable", "vit", .label("stable")),
    ])
  func forms(text: String, name: String, selector: ModelReference.Selector) throws {
    let reference = try #require(ModelReference(text))
    #expect(reference.name == name)
    #expect(reference.selector == selector)
    #expect(reference.description == text)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", "-a", ".a", "A", "a b", "a/b", "../a", "a:", "a:0", "a:01", "a:-1", "a:x", "a:1:2",
      "a:99999999999999999999", "a@", "a@B",
      "a@x:1", "é", "a\n", "a:+1", "a@b@c",
    ])
  func refusals(text: String) {
    #expect(ModelReference(text) == nil)
  }

  @Test("names hold 64 bytes, not 65")
  func length() {
    #expect(ModelReference(String(repeating: "a", count: 64)) != nil)
    #expect(ModelReference(String(repeating: "a", count: 65)) == nil)
  }
}
