import Engine

/// What the service is started with.
public struct ServiceOptions: Sendable {
  /// Holds `registry.db` and `blobs/`.
  public var stateDirectory: String
  /// Packs that are installed at start where the registry lacks them; nil for none.
  public var modelsDirectory: String?
  public var modelLimits: RunnableModel.Limits
  /// Bytes that loaded models may take together; nil for no bound.
  public var memoryBudget: Int?
  /// The policy to begin with; ``Service/apply(_:)`` changes it.
  public var policy: ServicePolicy
  /// The version of the programs.
  public var version: String

  public init(
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
public struct ServicePolicy: Sendable {
  public var rights: Rights
  public var gate: QualityGate
  public var maxImagePixels: Int
  /// Tokens to generate where the request does not say.
  public var defaultMaxTokens: Int

  public init(
    rights: Rights, gate: QualityGate = QualityGate(), maxImagePixels: Int = 1 << 26,
    defaultMaxTokens: Int = 256
  ) {
    self.rights = rights
    self.gate = gate
    self.maxImagePixels = maxImagePixels
    self.defaultMaxTokens = defaultMaxTokens
  }
}
