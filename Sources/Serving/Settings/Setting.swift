/// One key of `quantd.conf`: its name, what it accepts and the field that it sets.
///
/// The same table reads files, reads flags (`step_tokens` is `--step-tokens`) and prints a configuration, so
/// that the three cannot disagree.
package struct Setting: Sendable {
  /// The key as written in a file.
  package let name: String
  /// What values it allows, as the end of the sentence "allowed is …".
  package let allowed: String
  /// What it decides, in a few words.
  package let summary: String
  /// Sets the field from text; false when the text is not allowed.
  let apply: @Sendable (Substring, inout Configuration) -> Bool
  /// The field as it would be written.
  package let show: @Sendable (Configuration) -> String

  /// The key as a flag of the daemon.
  package var flag: String { "--" + name.split(separator: "_").joined(separator: "-") }

  init<Value>(
    _ name: String, _ field: WritableKeyPath<Configuration, Value> & Sendable, _ form: ValueForm<Value>,
    _ summary: String
  ) {
    self.name = name
    allowed = form.allowed
    self.summary = summary
    apply = { text, configuration in
      guard let value = form.parse(text) else { return false }
      configuration[keyPath: field] = value
      return true
    }
    show = { form.show($0[keyPath: field]) }
  }

  /// Whether the value is a place in the file system.
  var isPath: Bool { allowed == ValueForm<String>.absolutePath.allowed }

  static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

  /// Every key, in the order of `etc/quantd.conf`.
  package static let all: [Setting] = [
    Setting("socket", \.socket, .absolutePath, "path of the Unix socket"),
    Setting("socket_mode", \.socketMode, .mode, "permission bits of the socket"),
    Setting("socket_group", \.socketGroup, ValueForm<String>.account.or("none"), "group that may connect"),
    Setting("state_directory", \.stateDirectory, .absolutePath, "registry and installed models"),
    Setting("models_directory", \.modelsDirectory, .absolutePath, "packs to install at start"),
    Setting("threads", \.threads, ValueForm<Int>.count(1...1024).or("auto"), "threads that compute"),
    Setting(
      "memory_budget", \.memoryBudget, ValueForm<Int>.size(atLeast: 64 << 20).or("auto"),
      "bytes for all models together"),
    Setting("cache_memory", \.cacheMemory, .size(atLeast: 1 << 20), "key-value cache per language model"),
    Setting("max_sequences", \.maxSequences, .count(1...4096), "sequences computed at a time, per model"),
    Setting("step_tokens", \.stepTokens, .count(1...65_536), "tokens computed per step"),
    Setting("prefill_chunk", \.prefillChunk, .count(1...65_536), "prompt tokens of one request per step"),
    Setting("image_batch", \.imageBatch, .count(1...1024), "images computed per step"),
    Setting("max_requests", \.maxRequests, .count(1...1_000_000), "unfinished requests"),
    Setting(
      "max_queued_tokens", \.maxQueuedTokens, .count(1...1_000_000_000), "tokens of unfinished requests"),
    Setting(
      "max_requests_per_user", \.maxRequestsPerUser, .count(1...1_000_000), "unfinished requests of one user"),
    Setting(
      "max_queued_tokens_per_user", \.maxQueuedTokensPerUser, .count(1...1_000_000_000),
      "tokens of one user's unfinished requests"),
    Setting("max_connections", \.maxConnections, .count(1...65_536), "client connections"),
    Setting("max_image_pixels", \.maxImagePixels, .scaledCount(1...1_000_000_000), "pixels of one image"),
    Setting(
      "max_tokens_default", \.maxTokensDefault, .count(1...1_000_000), "tokens to generate unless asked"),
    Setting(
      "drain_timeout", \.drainTimeout, .duration(atMost: .seconds(3600)), "time to finish after SIGTERM"),
    Setting(
      "quality_gate_perplexity", \.qualityGatePerplexity, .real(1...1000), "perplexity quotient to promote"),
    Setting("quality_gate_agreement", \.qualityGateAgreement, .real(0...1), "agreement to promote"),
    Setting("admin_users", \.adminUsers, .accounts, "who may administer besides root"),
    Setting("log_level", \.logLevel, .logLevel, "how much is logged"),
  ]
}
