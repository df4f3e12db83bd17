import Registry
import Testing

@Suite("Names, references and digests")
struct NamesTests {
  @Test(
    "accepts plain names",
    arguments: ["a", "0", "vit-tiny", "llama3.2_1b", String(repeating: "x", count: 64)])
  func accepts(name: String) throws {
    #expect(try ModelName(name).description == name)
    #expect(try Label(name).description == name)
  }

  @Test(
    "refuses everything that could be a path, an option or a trick",
    arguments: [
      "", ".", "..", ".hidden", "-x", "_x", "A", "a/b", "../a", "a b", "a\0b", "é", "a\n", "a:b", "a@b",
      String(repeating: "x", count: 65),
    ])
  func refuses(name: String) {
    #expect(throws: RegistryError.invalidName(what: "model name", found: name)) { try ModelName(name) }
    #expect(throws: RegistryError.invalidName(what: "label", found: name)) { try Label(name) }
  }

  @Test("reads references and writes them back", arguments: ["story", "story:1", "story:20", "story@canary"])
  func parses(text: String) throws {
    #expect(try VersionReference(parsing: text).description == text)
  }

  @Test("a reference to stable is the bare name")
  func stable() throws {
    #expect(try VersionReference(parsing: "a@stable") == VersionReference(parsing: "a"))
  }

  @Test(
    "refuses broken references",
    arguments: [
      "", ":", "@", "a:", "a@", "a:0", "a:-1", "a:01", "a:+1", "a:1:2", "a@b@c", "a:99999999999999999999",
    ])
  func refusesReferences(text: String) {
    #expect(throws: RegistryError.self) { try VersionReference(parsing: text) }
  }

  @Test(
    "a digest is 64 lowercase hexadecimal digits and nothing else",
    arguments: [
      "", "../../etc/passwd", String(repeating: "a", count: 63), String(repeating: "a", count: 65),
      String(repeating: "A", count: 64), String(repeating: "g", count: 64),
      "sha256-" + String(repeating: "a", count: 64), String(repeating: "a", count: 62) + "/.",
      String(repeating: "a", count: 63) + "\0", String(repeating: "a", count: 63) + "é",
    ])
  func digests(text: String) {
    #expect(throws: RegistryError.invalidDigest(text)) { try BlobDigest(hex: text) }
  }

  @Test("error texts show untrusted input short and printable")
  func quotes() {
    let text = "\(RegistryError.invalidDigest(String(repeating: "\u{1b}[2J", count: 50)))"
    #expect(!text.unicodeScalars.contains("\u{1b}") && text.count < 500)
  }
}
