extension Configuration {
  /// Where the system's configuration lies.
  static let systemFile = "/etc/quantd/quantd.conf"

  /// The configuration that flags, variables and files make together; the same values give the same result.
  ///
  /// A flag wins over `QUANTD_SOCKET`, that over the user's file (user mode alone), that over
  /// `/etc/quantd/quantd.conf`, that over the defaults. Each file is followed by its drop-ins, `FILE.d/*.conf` in
  /// the order of their names. `--config FILE`, or `QUANTD_CONFIG`, takes the place of both files.
  ///
  /// The mode is `--system` or `--user`; else system for uid 0 or a named file in `/etc/quantd`; else user.
  /// - Parameters:
  ///   - arguments: The words after the verb: `--step-tokens 256`, `--step-tokens=256`, `--config FILE`.
  ///   - environment: The process's variables.
  ///   - uid: The effective user id.
  ///   - workingDirectory: What a relative path in a flag starts from; files and variables name absolute ones.
  ///   - files: What reads files.
  /// - Throws: The first ``ConfigurationError``; nothing is repaired or passed over.
  package static func load(
    arguments: [String], environment: [String: String], uid: UInt32, workingDirectory: String? = nil,
    files: FileSource = .system
  ) throws(ConfigurationError) -> Configuration {
    let flags = try Flags(arguments)
    let named = namedFile(flags, environment)
    var configuration = Configuration(
      defaultsFor: flags.mode ?? defaultMode(uid: uid, file: named?.path), environment: environment)
    if let named {
      guard try configuration.apply(file: named.path, files) else {
        throw .notFound(path: named.path, named: named.source)
      }
    } else {
      _ = try configuration.apply(file: systemFile, files)
      if configuration.mode == .user, let folder = BaseDirectories(environment).config {
        _ = try configuration.apply(file: "\(folder)/quantd/quantd.conf", files)
      }
    }
    if let socket = environment["QUANTD_SOCKET"], !socket.isEmpty {
      try configuration.set("socket", to: socket, at: .variable("QUANTD_SOCKET"))
    }
    for option in flags.settings {
      let value = option.setting.isPath ? absolute(option.value, from: workingDirectory) : option.value
      try configuration.set(option.setting.name, to: value, at: .flag(option.setting.flag))
    }
    try configuration.checkPlaces()
    return configuration
  }

  /// Every setting as a line of a file; reading them gives the same configuration.
  package var text: String {
    Setting.all.map { "\($0.name) = \($0.show(self))\n" }.joined()
  }

  private static func absolute(_ path: String, from directory: String?) -> String {
    guard let directory, !path.hasPrefix("/") else { return path }
    return "\(directory)/\(path)"
  }

  private static func namedFile(
    _ flags: Flags, _ environment: [String: String]
  ) -> (path: String, source: String)? {
    if let path = flags.config { return (path, "--config") }
    guard let path = environment["QUANTD_CONFIG"], !path.isEmpty else { return nil }
    return (path, "$QUANTD_CONFIG")
  }

  private static func defaultMode(uid: UInt32, file: String?) -> Mode {
    uid == 0 || file?.hasPrefix("/etc/quantd/") == true ? .system : .user
  }

  /// Reads a file and its drop-ins; false when the file does not exist.
  private mutating func apply(file path: String, _ files: FileSource) throws(ConfigurationError) -> Bool {
    let text = try files.read(path)
    if let text { try ConfigurationFile(text, path: path).apply(to: &self) }
    let dropIns = files.list("\(path).d").filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
    for name in dropIns.sorted() {
      let dropIn = "\(path).d/\(name)"
      guard let text = try files.read(dropIn) else { continue }
      try ConfigurationFile(text, path: dropIn).apply(to: &self)
    }
    return text != nil
  }

  private mutating func set(
    _ key: String, to value: String, at origin: ConfigurationError.Origin
  ) throws(ConfigurationError) {
    guard let setting = Setting.named(key) else {
      preconditionFailure("'\(key)' is not in the table of settings")
    }
    guard setting.apply(Substring(value), &self) else {
      throw .badValue(key: key, found: value, allowed: setting.allowed, at: origin)
    }
  }

  private func checkPlaces() throws(ConfigurationError) {
    if socket.isEmpty {
      throw .noPlace(setting: "the socket", variables: "XDG_RUNTIME_DIR nor QUANTD_SOCKET", flag: "--socket")
    }
    if stateDirectory.isEmpty {
      throw .noPlace(
        setting: "the registry", variables: "XDG_STATE_HOME nor HOME", flag: "--state-directory")
    }
  }
}
