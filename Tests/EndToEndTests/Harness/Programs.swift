import Glibc
import Testing

/// The built programs that the suite drives; `make test` says where they are.
enum Programs {
  static let folder = getenv("QUANTD_TEST_BINARIES").map { String(cString: $0) }

  static let areBuilt = ["quantd", "qclient", "qpack"].allSatisfy { name in
    folder.map { access("\($0)/\(name)", X_OK) == 0 } ?? false
  }

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
  .enabled(if: Programs.areBuilt, "QUANTD_TEST_BINARIES must name a folder with quantd, qclient and qpack"))
struct EndToEnd {}

/// What a test's surroundings could not do.
struct HarnessError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
