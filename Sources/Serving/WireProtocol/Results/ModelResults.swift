/// One installed version of a model.
public struct ModelSummary: Sendable, Equatable {
  public var name: String
  public var version: Int
  /// What it is for: `classify` or `generate`.
  public var task: String
  /// How its weights are stored: `int8`, `int4g32`, …
  public var format: String
  /// `installed`, `loading`, `ready`, `live`, `draining`, `unloaded` or `failed`.
  public var state: String
  public var labels: [String]
  /// The size of the model file.
  public var bytes: Int
  /// Seconds since 1970 at which it was installed.
  public var installed: Int?

  public init(
    name: String, version: Int, task: String, format: String, state: String, labels: [String], bytes: Int,
    installed: Int? = nil
  ) {
    self.name = name
    self.version = version
    self.task = task
    self.format = format
    self.state = state
    self.labels = labels
    self.bytes = bytes
    self.installed = installed
  }
}

/// Every installed version, by name, newest version first.
public struct ModelList: Sendable, Equatable {
  public var models: [ModelSummary]

  public init(models: [ModelSummary]) {
    self.models = models
  }
}

/// One version in full.
public struct ModelDetails: Sendable, Equatable {
  public var summary: ModelSummary
  /// SHA-256 of the model file, 64 hexadecimal digits.
  public var sha256: String
  /// Architecture, preprocessing, quality record and provenance, as the model file states them.
  public var details: JSONValue

  public init(summary: ModelSummary, sha256: String, details: JSONValue) {
    self.summary = summary
    self.sha256 = sha256
    self.details = details
  }
}

/// A loaded version and its load.
public struct RunningModel: Sendable, Equatable {
  public var summary: ModelSummary
  /// Weights and cache, resident or reserved.
  public var memoryBytes: Int
  public var active: Int
  public var queued: Int
  /// The longest context in tokens; nil for a model without one.
  public var contextTokens: Int?
  /// The share of the KV cache's pages in use, 0...1; nil for a model without one.
  public var cacheUse: Double?

  public init(
    summary: ModelSummary, memoryBytes: Int, active: Int, queued: Int, contextTokens: Int? = nil,
    cacheUse: Double? = nil
  ) {
    self.summary = summary
    self.memoryBytes = memoryBytes
    self.active = active
    self.queued = queued
    self.contextTokens = contextTokens
    self.cacheUse = cacheUse
  }
}

/// What is loaded.
public struct RunningModels: Sendable, Equatable {
  public var models: [RunningModel]
  /// What loaded models may take together; nil when unbounded.
  public var memoryBudgetBytes: Int?

  public init(models: [RunningModel], memoryBudgetBytes: Int? = nil) {
    self.models = models
    self.memoryBudgetBytes = memoryBudgetBytes
  }
}

/// What `install`, `load`, `unload`, `promote`, `rollback` and `remove` did.
public struct ModelChange: Sendable, Equatable {
  /// The version now meant: `name:version`.
  public var model: String
  /// Its state after the change.
  public var state: String
  /// The label that moved, if one did.
  public var label: String?
  /// The version that held the label before: `name:version`.
  public var previous: String?
  /// SHA-256 of an installed file.
  public var sha256: String?

  public init(
    model: String, state: String, label: String? = nil, previous: String? = nil, sha256: String? = nil
  ) {
    self.model = model
    self.state = state
    self.label = label
    self.previous = previous
    self.sha256 = sha256
  }
}
