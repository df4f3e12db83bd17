import TestSupport
import Testing

@testable import Configuration

@Suite("The shipped etc/quantd.conf")
struct SettingTests {
  /// `#key = value` lines; prose has a space after its #.
  private func examples() throws -> [Substring] {
    let text = try #require(try FileSource.system.read("\(SharedData.repositoryRoot)/etc/quantd.conf"))
    return text.split(separator: "\n").filter { $0.hasPrefix("#") && $0.contains(" = ") }
      .map { $0.dropFirst() }.filter { $0.first?.isLetter == true }
  }

  @Test("shows every key once, in the order of the table, with its default")
  func complete() throws {
    let defaults = Configuration(defaultsFor: .system)
    let expected = Setting.all.map { "\($0.name) = \($0.show(defaults))" }
    #expect(try examples().map(String.init) == expected)
  }

  @Test("is right when every line is uncommented")
  func uncommented() throws {
    let text = try examples().joined(separator: "\n")
    var found = Configuration(defaultsFor: .user)
    found.mode = .system
    try ConfigurationFile(text, path: "quantd.conf").apply(to: &found)
    #expect(found == Configuration(defaultsFor: .system))
  }

  @Test("changes nothing as shipped")
  func shipped() throws {
    let path = "\(SharedData.repositoryRoot)/etc/quantd.conf"
    let text = try #require(try FileSource.system.read(path))
    #expect(try ConfigurationFile(text, path: path).assignments.isEmpty)
  }

  @Test("a flag is the key with dashes")
  func flag() throws {
    #expect(try #require(Setting.named("step_tokens")).flag == "--step-tokens")
  }
}
