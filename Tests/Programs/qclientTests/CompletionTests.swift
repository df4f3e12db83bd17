import FoundationEssentials
import TestSupport
import Testing

@testable import qclient

@Suite("Completions")
struct CompletionTests {
  @Test(
    "the committed scripts are what the program prints",
    arguments: [
      ("qclient.bash", Completion.bash), ("_qclient", Completion.zsh), ("qclient.fish", Completion.fish),
    ])
  func committed(name: String, printed: String) throws {
    let path = "\(SharedData.repositoryRoot)/etc/completions/\(name)"
    let committed = try String(contentsOfFile: path, encoding: .utf8)
    #expect(committed == printed, "write it again: qclient completion")
  }

  @Test(
    "every verb and option is in every script", arguments: [Completion.bash, Completion.zsh, Completion.fish])
  func complete(script: String) {
    for verb in Verb.allCases { #expect(script.contains(verb.rawValue)) }
    for flag in Flag.allCases where flag != .version { #expect(script.contains(flag.rawValue)) }
  }
}
