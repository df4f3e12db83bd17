import Processes
import TestSupport
import Testing

extension EndToEnd {
  @Suite("README.md", .timeLimit(.minutes(2)))
  struct Readme {
    @Test("its transcript is what the demo prints")
    func transcript() throws {
      let promised = try Self.promised()
      let scratch = try Scratch()
      let script = "\(SharedData.repositoryRoot)/etc/demo.sh"
      let demo = try ChildProcess("sh", [script, Programs.path("")], in: scratch)
      let status = try demo.wait(seconds: 90)
      #expect(status == .exited(0), "\(demo.errors)")
      let printed = Self.lines(demo.output)
      #expect(Self.unwrapped(promised, to: printed) == printed)
      #expect(promised.count > 10)
    }

    /// The first console block without the lines that fetch and build.
    private static func promised() throws -> [String] {
      let readme = lines(text("\(SharedData.repositoryRoot)/README.md"))
      let start = try #require(readme.firstIndex(of: "```console"), "README.md has no console block")
      let block = readme[(start + 1)...].prefix { $0 != "```" }
      let demo = try #require(
        block.firstIndex(of: "$ make demo"), "the first console block runs no 'make demo'")
      return Array(block[(demo + 1)...])
    }

    /// The lines of `text`, which ends with a newline, with the name that `mktemp` chose left out as in the README.
    private static func lines(_ text: String) -> [String] {
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
        String(line).replacing(#/\/tmp/tmp\.\w+\//#) { _ in "/tmp/tmp.…/" }
      }
    }

    /// `lines` with those joined again that the README wraps and the program does not.
    private static func unwrapped(_ lines: [String], to printed: [String]) -> [String] {
      var (rest, result) = (lines[...], [String]())
      for whole in printed {
        guard var line = rest.popFirst() else { break }
        while line != whole, whole.hasPrefix(line + " "), let next = rest.popFirst() { line += " " + next }
        result.append(line)
      }
      return result + rest
    }
  }
}
