extension Configuration {
  /// The configuration of a machine where nobody has decided anything.
  ///
  /// In user mode a path is empty when the variables that would place it are missing: such a variable is only
  /// an error if no file and no flag names the path (see ``load(arguments:environment:uid:files:)``).
  package init(defaultsFor mode: Mode, environment: [String: String] = [:]) {
    self.mode = mode
    switch mode {
    case .system:
      socket = "/run/quantd/quantd.sock"
      stateDirectory = "/var/lib/quantd"
    case .user:
      let base = BaseDirectories(environment)
      socket = base.runtime.map { "\($0)/quantd/quantd.sock" } ?? ""
      stateDirectory = base.state.map { "\($0)/quantd" } ?? ""
    }
    socketMode = 0o660
    socketGroup = nil
    modelsDirectory = "/usr/share/quantd/models"
    threads = nil
    memoryBudget = nil
    cacheMemory = 256 << 20
    maxSequences = 16
    stepTokens = 512
    prefillChunk = 256
    imageBatch = 16
    maxRequests = 256
    maxQueuedTokens = 262_144
    maxRequestsPerUser = 128
    maxQueuedTokensPerUser = 131_072
    maxConnections = 256
    maxImagePixels = 64_000_000
    maxTokensDefault = 256
    drainTimeout = .seconds(30)
    qualityGatePerplexity = 1.10
    qualityGateAgreement = 0.90
    adminUsers = []
    logLevel = .info
  }
}

/// A user's folders by the XDG base directory specification; relative paths count as unset, as it demands.
struct BaseDirectories {
  let runtime: String?
  let state: String?
  let config: String?

  init(_ environment: [String: String]) {
    func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let home = absolute("HOME")
    runtime = absolute("XDG_RUNTIME_DIR")
    state = absolute("XDG_STATE_HOME") ?? home.map { "\($0)/.local/state" }
    config = absolute("XDG_CONFIG_HOME") ?? home.map { "\($0)/.config" }
  }
}
