import Glibc
import Testing

/// The built programs that the suite drives; `make test` says where they are. One that is missing there fails its tests.
enum Programs {
  static let folder = getenv("QUANTD_TEST_BINARIES").map { String(cString: $0) }

  static func path(_ name: String) -> String { "\(folder ?? ".")/\(name)" }

  static func isInstalled(_ name: String) -> Bool {
    (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains {
      access("\($0)/\(name)", X_OK) == 0
    }
  }
}

/// The real daemon, driven through its socket and through the real client. One test at a time: each has a daemon and
/// watches the clock.
@Suite(
  "End to end", .serialized,
  .enabled(if: Programs.folder != nil, "QUANTD_TEST_BINARIES names no folder with quantd, qclient and qpack"))
struct EndToEnd {}

/// What a test's surroundings could not do.
struct HarnessError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
