extension Configuration {
  /// The configuration where no file, variable or flag sets anything.
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
