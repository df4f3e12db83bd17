import Vocabulary
import WireProtocol

extension Command {
  func status() throws(ClientFailure) {
    try printResult(of: .ask(.status), as: ServiceStatus.self) { status in
      var lines = [
        "\(status.state), quantd \(status.version), up \(Format.duration(Double(status.uptimeSeconds) * 1000))",
        "kernels: \(status.instructionSet), \(status.threads) threads",
        "requests: \(status.active) active, \(status.queued) queued",
        "memory: \(Format.bytes(status.memoryBytes))"
          + (status.memoryBudgetBytes.map { " of \(Format.bytes($0))" } ?? ""),
      ]
      lines += status.defaults.map { "default for \($0.task): \($0.model)" }
      lines += status.problems.map { "problem: \($0.oneLine)" }
      return lines
    }
  }

  func stats() throws(ClientFailure) {
    let json = try connect().result(.ask(.stats))
    if wantsJSON { return try console.line(json.encoded()) }
    for line in Outline.lines(json) {
      try console.line(line)
    }
  }

  func metrics() throws(ClientFailure) {
    let json = try connect().result(.ask(.metrics))
    if wantsJSON { return try console.line(json.encoded()) }
    let text = try decode(MetricsResult.self, json).text
    try console.write(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Prints events until the user interrupts, or the timeout ends it.
  func watch() throws(ClientFailure) {
    _ = try connect().run(.watch) { event throws(ClientFailure) in
      if wantsJSON { return try console.line(event.encoded()) }
      if case .progress(let news) = event.body { try console.line(news.message.oneLine) }
    }
  }
}
