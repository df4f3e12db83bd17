import WireProtocol

extension Command {
  func list() throws(ClientFailure) {
    try printResult(of: .ask(.models), as: ModelList.self) { result in
      guard !result.models.isEmpty else {
        return none("no models are installed. Try: qclient install FILE.qpack")
      }
      var table = Table(
        ["NAME", "VERSION", "TASK", "FORMAT", "STATE", "LABELS", "SIZE"], rightAligned: [1, 6])
      for model in result.models {
        table.add([
          model.name, "\(model.version)", model.task, model.format, model.state,
          model.labels.isEmpty ? "-" : model.labels.joined(separator: ","), Format.bytes(model.bytes),
        ])
      }
      return table.lines
    }
  }

  func ps() throws(ClientFailure) {
    try printResult(of: .ask(.ps), as: RunningModels.self) { result in
      guard !result.models.isEmpty else { return none("no models are loaded. Try: qclient load MODEL") }
      var table = Table(
        ["NAME", "VERSION", "LABEL", "STATE", "MEMORY", "ACTIVE", "QUEUE", "KV%", "CONTEXT"],
        rightAligned: [1, 4, 5, 6, 7, 8])
      for running in result.models {
        let model = running.summary
        table.add([
          model.name, "\(model.version)", model.labels.isEmpty ? "-" : model.labels.joined(separator: ","),
          model.state, Format.bytes(running.memoryBytes), "\(running.active)", "\(running.queued)",
          running.cacheUse.map { Format.fixed($0 * 100, 0) } ?? "-",
          running.contextTokens.map { "\($0)" } ?? "-",
        ])
      }
      return table.lines
    }
  }

  func show() throws(ClientFailure) {
    try printResult(of: .ask(.show), model: try invocation.operandModel(), as: ModelDetails.self) { result in
      let model = result.summary
      return [
        "\(model.name):\(model.version)",
        "task: \(model.task)",
        "format: \(model.format)",
        "state: \(model.state)",
        "labels: \(model.labels.isEmpty ? "none" : model.labels.joined(separator: ", "))",
        "size: \(Format.bytes(model.bytes))",
        "sha256: \(result.sha256)",
      ] + Outline.lines(result.details)
    }
  }

  /// No lines. The explanation goes to stderr, so that an empty list prints nothing that a script could take
  /// for a model.
  private func none(_ explanation: String) -> [String] {
    if !console.isQuiet { console.note("qclient: \(explanation)") }
    return []
  }
}
