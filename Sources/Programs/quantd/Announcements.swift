import Settings
import Transport

/// Sends the daemon's state to its service manager and to the log.
struct Announcements: Sendable {
  let log: Log
  let manager: ServiceManager

  /// Sends assignments such as `READY=1`; without a service manager nothing happens.
  func notify(_ assignments: String) {
    do {
      try manager.notify(assignments)
    } catch {
      log.write(.warning, "\(error)")
    }
  }

  /// Tells both which problems an operator should look at from now on.
  func problems(_ problems: [String], at address: String) {
    for problem in problems { log.write(.warning, problem) }
    if problems.isEmpty { log.write(.info, "what was wrong has passed") }
    notify(Self.status(problems, at: address))
  }

  /// One line of `STATUS=`, which `systemctl status` shows.
  static func status(_ problems: [String], at address: String) -> String {
    guard let first = problems.first else { return "STATUS=serving at \(address)" }
    let more = problems.count > 1 ? " (and \(problems.count - 1) more: qclient status)" : ""
    let line = first.split(separator: "\n").joined(separator: " ")
    return "STATUS=serving at \(address), but: \(line)\(more)"
  }
}
