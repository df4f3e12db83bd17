import Glibc
import Transport

/// Where a daemon may listen: the socket that was asked for, or else the user's and then the system's.
struct SocketLookup: Equatable {
  /// A socket's path, and what named it.
  struct Candidate: Equatable {
    let path: String
    let origin: String
  }

  /// A socket at which nobody answered, and why.
  struct Attempt: Equatable {
    let candidate: Candidate
    let error: ConnectError

    var isPermission: Bool {
      if case .system(let failure) = error { return failure.isPermission }
      return false
    }
  }

  static let systemPath = "/run/quantd/quantd.sock"

  let candidates: [Candidate]

  /// `--socket`, else `$QUANTD_SOCKET`, else `$XDG_RUNTIME_DIR/quantd/quantd.sock` and then the system's.
  init(flag: String?, variable: (String) -> String?) {
    if let flag {
      candidates = [Candidate(path: flag, origin: "--socket")]
    } else if let set = variable("QUANTD_SOCKET"), !set.isEmpty {
      candidates = [Candidate(path: set, origin: "$QUANTD_SOCKET")]
    } else {
      let directory = variable("XDG_RUNTIME_DIR").flatMap { $0.isEmpty ? nil : $0 }
      let user = directory.map { Candidate(path: "\($0)/quantd/quantd.sock", origin: "user") }
      candidates = [user, Candidate(path: Self.systemPath, origin: "system")].compactMap { $0 }
    }
  }

  /// A connection to the first socket at which a daemon answers, and that socket.
  func connect() throws(ClientFailure) -> Connected {
    var attempts: [Attempt] = []
    for candidate in candidates {
      do throws(ConnectError) {
        return Connected(connection: try UnixConnection(path: candidate.path), candidate: candidate)
      } catch {
        attempts.append(Attempt(candidate: candidate, error: error))
      }
    }
    throw .noDaemon(attempts)
  }

  struct Connected: ~Copyable {
    var connection: UnixConnection
    let candidate: Candidate
  }

  /// A text that names every socket that was tried, why it failed, and what to do.
  static func explain(_ attempts: [Attempt]) -> String {
    var lines = ["no daemon answers"]
    for attempt in attempts {
      lines.append("  \(attempt.candidate.path) (\(attempt.candidate.origin)): \(reason(attempt.error))")
    }
    lines.append("Try: \(advice(attempts))")
    return lines.joined(separator: "\n")
  }

  private static func reason(_ error: ConnectError) -> String {
    switch error {
    case .path(let error): error.description
    case .system(let failure): SystemFailure.text(failure.code)
    }
  }

  static func advice(_ attempts: [Attempt]) -> String {
    if attempts.contains(where: \.isPermission) {
      return "join the daemon's group (sudo usermod -aG quantd $USER), then log in again"
    }
    let isRefused = attempts.contains { attempt in
      if case .system(let failure) = attempt.error { return failure.code == ECONNREFUSED }
      return false
    }
    return isRefused
      ? "systemctl restart quantd, or quantd serve; its socket is left over from a daemon that ended"
      : "systemctl start quantd, or quantd serve (where it ends at once over its registry: quantd recover)"
  }
}

extension SystemFailure {
  var isPermission: Bool { code == EACCES || code == EPERM }
  var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  var isBrokenPipe: Bool { code == EPIPE }
}
