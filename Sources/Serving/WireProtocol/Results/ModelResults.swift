import JSON

/// One installed version of a model.
package struct ModelSummary: Sendable, Equatable {
  package var name: String
  package var version: Int
  /// What it is for: `classify` or `generate`.
  package var task: String
  /// How its weights are stored: `int8`, `int4g32`, …
  package var format: String
  /// `installed`, `loading`, `ready`, `live`, `draining`, `unloaded` or `failed`.
  package var state: String
  package var labels: [String]
  /// The size of the model file.
  package var bytes: Int
  /// Seconds since 1970 at which it was installed.
  package var installed: Int?

  package init(
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
package struct ModelList: Sendable, Equatable {
  package var models: [ModelSummary]

  package init(models: [ModelSummary]) {
    self.models = models
  }
}

/// One version in full.
package struct ModelDetails: Sendable, Equatable {
  package var summary: ModelSummary
  /// SHA-256 of the model file, 64 hexadecimal digits.
  package var sha256: String
  /// Architecture, preprocessing, quality record and provenance, as the model file states them.
  package var details: JSONValue

  package init(summary: ModelSummary, sha256: String, details: JSONValue) {
    self.summary = summary
    self.sha256 = sha256
    self.details = details
  }
}

/// A loaded version and its load.
package struct RunningModel: Sendable, Equatable {
  package var summary: ModelSummary
  /// Weights and cache, resident or reserved.
  package var memoryBytes: Int
  package var active: Int
  package var queued: Int
  /// The longest context in tokens; nil for a model without one.
  package var contextTokens: Int?
  /// The share of the KV cache's pages in use, 0...1; nil for a model without one.
  package var cacheUse: Double?

  package init(
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
package struct RunningModels: Sendable, Equatable {
  package var models: [RunningModel]
  /// The bytes that loaded models may take together; nil when unbounded.
  package var memoryBudgetBytes: Int?

  package init(models: [RunningModel], memoryBudgetBytes: Int? = nil) {
    self.models = models
    self.memoryBudgetBytes = memoryBudgetBytes
  }
}

/// What `install`, `load`, `unload`, `promote`, `rollback`, `unlabel` and `remove` did.
package struct ModelChange: Sendable, Equatable {
  /// The version now meant: `name:version`.
  package var model: String
  /// Its state after the change.
  package var state: String
  /// The label that moved, if one did.
  package var label: String?
  /// The version that held the label before: `name:version`.
  package var previous: String?
  /// SHA-256 of an installed file.
  package var sha256: String?
  /// What could not be recorded, although the change was made, and so will be different after a restart.
  package var warning: String?

  package init(
    model: String, state: String, label: String? = nil, previous: String? = nil, sha256: String? = nil,
    warning: String? = nil
  ) {
    self.model = model
    self.state = state
    self.label = label
    self.previous = previous
    self.sha256 = sha256
    self.warning = warning
  }
}
