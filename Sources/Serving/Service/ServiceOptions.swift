import Engine

/// What the service is started with.
package struct ServiceOptions: Sendable {
  /// Holds `registry.db` and `blobs/`.
  package var stateDirectory: String
  /// Packs that are installed at start where the registry lacks them; nil for none.
  package var modelsDirectory: String?
  package var modelLimits: RunnableModel.Limits
  /// Bytes that loaded models may take together; nil for no bound.
  package var memoryBudget: Int?
  /// The policy to begin with; ``Service/apply(_:)`` changes it.
  package var policy: ServicePolicy
  /// The version of the programs.
  package var version: String

  package init(
    stateDirectory: String, modelsDirectory: String?, modelLimits: RunnableModel.Limits, memoryBudget: Int?,
    policy: ServicePolicy, version: String
  ) {
    self.stateDirectory = stateDirectory
    self.modelsDirectory = modelsDirectory
    self.modelLimits = modelLimits
    self.memoryBudget = memoryBudget
    self.policy = policy
    self.version = version
  }
}

/// What a reload of the configuration may change while requests run.
package struct ServicePolicy: Sendable {
  package var rights: Rights
  package var gate: QualityGate
  package var maxImagePixels: Int
  /// Tokens to generate where the request does not say.
  package var defaultMaxTokens: Int

  package init(rights: Rights, gate: QualityGate, maxImagePixels: Int, defaultMaxTokens: Int) {
    self.rights = rights
    self.gate = gate
    self.maxImagePixels = maxImagePixels
    self.defaultMaxTokens = defaultMaxTokens
  }
}
