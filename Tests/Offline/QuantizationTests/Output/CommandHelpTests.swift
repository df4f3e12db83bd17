import FoundationEssentials
import TestSupport
import Testing

@testable import qpack

@Suite("qpack's help")
struct CommandHelpTests {
  private func read(_ path: String) throws -> String {
    try String(contentsOfFile: "\(SharedData.repositoryRoot)/etc/\(path)", encoding: .utf8)
  }

  @Test("names every option with what it does", arguments: Qpack.commands.map(\.verb))
  func options(verb: String) throws {
    let command = try #require(Qpack.commands.first { $0.verb == verb })
    #expect(command.text.hasPrefix("qpack \(verb) "))
    for option in command.options {
      #expect(command.text.contains("\(option.option.name)") && !option.help.isEmpty)
    }
    #expect(command.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
  }

  @Test(
    "says nothing that the manual and the completions do not",
    arguments: ["man/qpack.1", "completions/qpack.bash", "completions/_qpack", "completions/qpack.fish"])
  func documented(path: String) throws {
    let text = try read(path).replacing("\\-", with: "-")
    for command in Qpack.commands {
      #expect(text.contains(command.verb), "\(path)")
      for option in command.options {
        // fish knows an option by its name alone.
        let name = path.hasSuffix("fish") ? "-l \(option.option.name.dropFirst(2))" : option.option.name
        #expect(text.contains(name), "\(path) lacks \(name) of \(command.verb)")
      }
    }
  }
}
