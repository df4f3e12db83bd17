import FoundationEssentials
import Glibc

/// A text in `Tests/Fixtures` that a test computes again and compares, line by line and to the last digit.
///
/// Its first line is a key: what the rest was computed from, with a digest. A key that no longer fits says that the input
/// was replaced without renewing the text, which is told apart from an answer that changed.
package struct Golden {
  /// Which texts a run of the tests writes anew instead of comparing, by the value of `QUANTD_RENEW_GOLDENS`.
  package enum Kind: String {
    /// What follows from files in the repository alone; `Tests/Fixtures/renew.sh` asks for it.
    case repository
    /// What packs of public checkpoints hold; their origin matters, so they are renewed apart.
    case publicPacks
  }

  private let name: String
  private let key: String
  private let kind: Kind

  /// - Parameters:
  ///   - name: The path below `Tests/Fixtures`.
  ///   - key: What the lines are computed from; one line.
  package init(_ name: String, key: String, kind: Kind = .repository) {
    (self.name, self.key, self.kind) = (name, key, kind)
  }

  package static let folder = "\(SharedData.repositoryRoot)/Tests/Fixtures"

  package var isRenewed: Bool { getenv("QUANTD_RENEW_GOLDENS").map { String(cString: $0) } == kind.rawValue }

  /// Compares `lines` with those on file.
  ///
  /// - Parameter writes: Whether this caller writes the file where it is renewed: one of several that compute the same.
  /// - Returns: nil where they are equal; else what differs and what to do.
  /// - Throws: Where the file cannot be written.
  package func difference(from lines: [String], writes: Bool = true) throws -> String? {
    let path = "\(Self.folder)/\(name)"
    if isRenewed {
      let text = ([key] + lines).joined(separator: "\n") + "\n"
      if writes { try text.write(to: URL(filePath: path), atomically: true, encoding: .utf8) }
      return nil
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      return "Tests/Fixtures/\(name) is missing. \(remedy)"
    }
    let stored = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    guard stored.first == key else {
      return """
        Tests/Fixtures/\(name) was made from '\(stored.first ?? "nothing")', but here is '\(key)'. \(remedy)
        """
    }
    return firstDifference(stored.dropFirst(), lines[...])
  }

  private var remedy: String {
    switch kind {
    case .repository: "If the change is wanted, run 'sh Tests/Fixtures/renew.sh' and commit what it writes."
    case .publicPacks: "Tests/Fixtures/README.md says how it is made."
    }
  }

  private func firstDifference(_ stored: ArraySlice<String>, _ lines: ArraySlice<String>) -> String? {
    let (stored, lines) = (Array(stored), Array(lines))
    guard stored != lines else { return nil }
    let index =
      zip(stored, lines).enumerated().first { $1.0 != $1.1 }?.offset ?? min(stored.count, lines.count)
    func line(_ all: [String]) -> String { all.indices.contains(index) ? all[index] : "no such line" }
    return """
      Tests/Fixtures/\(name), line \(index + 2) differs (\(stored.count) lines on file, \(lines.count) now):
        on file: \(line(stored))
        now:     \(line(lines))
      \(remedy)
      """
  }
}
