import TestSupport
import Testing

@testable import Settings

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

  @Test("is what the manual page shows")
  func manual() throws {
    let page = try #require(try FileSource.system.read("\(SharedData.repositoryRoot)/etc/man/quantd.conf.5"))
    let shown = page.split(separator: "\n").filter { $0.hasPrefix(".B ") && $0.contains(" = ") }
    #expect(shown.map { $0.dropFirst(3) } == (try examples()))
  }

  @Test("the units wait longer than the default drain", arguments: ["systemd", "systemd/user"])
  func stopTimeout(folder: String) throws {
    let path = "\(SharedData.repositoryRoot)/\(folder)/quantd.service"
    let unit = try #require(try FileSource.system.read(path))
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("TimeoutStopSec=") })
    let seconds = try #require(Int(line.dropFirst("TimeoutStopSec=".count)))
    #expect(.seconds(seconds) > Configuration(defaultsFor: .system).drainTimeout)
  }

  @Test("a flag is the key with dashes")
  func flag() throws {
    #expect(try #require(Setting.named("step_tokens")).flag == "--step-tokens")
  }
}
