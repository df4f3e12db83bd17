import JSON

extension ModelSummary: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "name": .string(name), "version": .integer(version), "task": .string(task), "format": .string(format),
      "state": .string(state), "labels": .strings(labels), "bytes": .integer(bytes),
      "installed": installed.map { .integer($0) },
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a model")
    name = try fields.required(fields.string("name", bytes: 1...64), "name")
    version = try fields.required(fields.integer("version", in: 0...Int.max), "version")
    task = try fields.string("task", bytes: 0...64) ?? ""
    format = try fields.string("format", bytes: 0...64) ?? ""
    state = try fields.string("state", bytes: 0...64) ?? ""
    labels = try fields.array("labels", count: 0...1000)?.compactMap(\.stringValue) ?? []
    bytes = try fields.integer("bytes", in: 0...Int.max) ?? 0
    installed = try fields.integer("installed", in: Int.min...Int.max)
  }
}

extension ModelList: JSONRepresentable {
  package var json: JSONValue { ["models": models.json] }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a list of models")
    models = try [ModelSummary](json: fields.required(fields.array("models", count: 0...100_000), "models"))
  }
}

extension ModelDetails: JSONRepresentable {
  package var json: JSONValue {
    ["model": summary.json, "sha256": .string(sha256), "details": details]
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a model's details")
    summary = try ModelSummary(json: fields.required(fields.value("model"), "model"))
    sha256 = try fields.string("sha256", bytes: 0...64) ?? ""
    details = fields.value("details") ?? [:]
  }
}

extension RunningModel: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "model": summary.json, "memory_bytes": .integer(memoryBytes), "active": .integer(active),
      "queued": .integer(queued), "context_tokens": contextTokens.map { .integer($0) },
      "cache_use": .finite(cacheUse),
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a running model")
    summary = try ModelSummary(json: fields.required(fields.value("model"), "model"))
    memoryBytes = try fields.integer("memory_bytes", in: 0...Int.max) ?? 0
    active = try fields.integer("active", in: 0...Int.max) ?? 0
    queued = try fields.integer("queued", in: 0...Int.max) ?? 0
    contextTokens = try fields.integer("context_tokens", in: 0...Int.max)
    cacheUse = try fields.number("cache_use", in: 0...1)
  }
}

extension RunningModels: JSONRepresentable {
  package var json: JSONValue {
    .members(["models": models.json, "memory_budget_bytes": memoryBudgetBytes.map { .integer($0) }])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a list of running models")
    models = try [RunningModel](json: fields.required(fields.array("models", count: 0...100_000), "models"))
    memoryBudgetBytes = try fields.integer("memory_budget_bytes", in: 0...Int.max)
  }
}

extension ModelChange: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "model": .string(model), "state": .string(state), "label": label.map { .string($0) },
      "previous": previous.map { .string($0) }, "sha256": sha256.map { .string($0) },
      "warning": warning.map { .string($0) },
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a model change")
    model = try fields.required(fields.string("model", bytes: 1...1024), "model")
    state = try fields.string("state", bytes: 0...64) ?? ""
    label = try fields.string("label", bytes: 0...64)
    previous = try fields.string("previous", bytes: 0...1024)
    sha256 = try fields.string("sha256", bytes: 0...64)
    warning = try fields.string("warning", bytes: 0...4096)
  }
}
