import Engine
import FoundationEssentials
import Glibc
import JSON
import Packs
import Registry
import Scheduling
import WireProtocol

extension Service {
  /// Answers a question at once.
  func answer(_ question: Operation.Question, _ request: Request, _ caller: Caller) throws(WireError) {
    let result: JSONValue =
      switch question {
      case .hello: hello(caller).json
      case .tokenize(let tokenize): try tokens(of: tokenize, request.model).json
      case .detokenize(let detokenize): try text(of: detokenize, request.model).json
      case .models: try modelList().json
      case .show: try details(request).json
      case .ps: try runningModels().json
      case .status: status().json
      case .stats: try statistics()
      case .metrics: MetricsResult(text: metricsText()).json
      }
    caller.reply(Event(id: request.id, .result(result)))
  }

  /// Subscribes to changes of models; ends with the connection or a cancel.
  func watch(_ request: Request, _ caller: Caller) throws(WireError) {
    try book.enter(request.id, .watch, on: caller.connection)
    watchers.add(request.id, caller)
  }

  private func hello(_ caller: Caller) -> HelloResult {
    HelloResult(
      version: options.version, instructionSet: Engine.instructionSet,
      rights: policy.rights.names(of: caller.uid))
  }

  private func modelList() throws(WireError) -> ModelList {
    let models = try wire { () throws(RegistryError) in try catalog.registry.models() }
    return ModelList(
      models: models.flatMap { model in
        model.versions.map { ModelSummary($0, catalog.bookkeeping.state(of: $0), labels: model.labels) }
      })
  }

  private func summary(_ id: VersionID) throws(WireError) -> (VersionRecord, ModelSummary) {
    let model = try wire { () throws(RegistryError) in try catalog.registry.model(id.model) }
    guard let record = model.versions.first(where: { $0.id == id }) else {
      throw WireError(RegistryError.unknownVersion(id))
    }
    return (record, ModelSummary(record, catalog.bookkeeping.state(of: record), labels: model.labels))
  }

  private func details(_ request: Request) throws(WireError) -> ModelDetails {
    guard let reference = request.model else {
      throw WireError(.badRequest, "'model' is missing", parameter: "model")
    }
    let id = try catalog.resolve(reference)
    let (record, summary) = try summary(id)
    let (pack, chat): (ModelPack, ChatSupport)
    if let model = catalog.loaded(id) {
      (pack, chat) = (model.pack, model.chat)
    } else {
      pack = try catalog.open(record.digest)
      chat = ChatSupport(pack)
    }
    return ModelDetails(summary: summary, sha256: record.digest.description, details: describe(pack, chat))
  }

  /// The pack's sections as they are stored, what a generation does where the request is silent, and whether the model takes
  /// conversations.
  private func describe(_ pack: ModelPack, _ chat: ChatSupport) -> JSONValue {
    let names = [
      PackSection.configuration, PackSection.scheme, PackSection.preprocessing, PackSection.labels,
      PackSection.source, PackSection.recipe, PackSection.quality,
    ]
    let generation = pack.generation.effective(maxTokens: policy.defaultMaxTokens)
    var members = names.compactMap { name -> JSONObject.Member? in
      guard let text = pack.file.sectionText(name), let value = try? JSONValue(parsing: Array(text.utf8))
      else {
        return nil
      }
      return .init(name: name, value: value)
    }
    if pack.configuration.sequences != nil {
      members.append(.init(name: PackSection.generation, value: generation))
      members.append(.init(name: "chat", value: chat.json))
    }
    return .object(JSONObject(members: members))
  }

  private func runningModels() throws(WireError) -> RunningModels {
    let statistics = engine.snapshot()
    var models: [RunningModel] = []
    for model in catalog.loaded {
      let counts = statistics.models[model.key]
      models.append(
        RunningModel(
          summary: try summary(model.id).1, memoryBytes: model.memoryBytes, active: counts?.running ?? 0,
          queued: counts?.queued ?? 0, contextTokens: model.contextTokens,
          cacheUse: counts?.load.flatMap { $0.blocks > 0 ? Double($0.heldBlocks) / Double($0.blocks) : nil }))
    }
    return RunningModels(models: models, memoryBudgetBytes: options.memoryBudget)
  }

  private func status() -> ServiceStatus {
    let statistics = engine.snapshot()
    let models = statistics.models.values
    var defaults: [(task: String, model: String)] = []
    for task in DefaultTask.allCases {
      if let model = try? catalog.running(nil, for: task) {
        defaults.append((task.rawValue, model.id.description))
      }
    }
    return ServiceStatus(
      state: isStopping ? "draining" : "ready", version: options.version,
      uptimeSeconds: Int(uptime.components.seconds), instructionSet: Engine.instructionSet,
      threads: engine.options.threads, active: models.reduce(0) { $0 + $1.running },
      queued: models.reduce(0) { $0 + $1.queued },
      memoryBytes: catalog.loaded.reduce(0) { $0 + $1.memoryBytes },
      memoryBudgetBytes: options.memoryBudget, defaults: defaults, problems: problems())
  }

  private func statistics() throws(WireError) -> JSONValue {
    let statistics = engine.snapshot()
    let models = catalog.loaded.compactMap { model -> JSONObject.Member? in
      guard let counts = statistics.models[model.key] else { return nil }
      return .init(name: model.id.description, value: counts.json)
    }
    return [
      "steps": .integer(statistics.steps), "step_tokens": .integer(statistics.stepTokens),
      "busy_ms": .number(statistics.busy.inMilliseconds), "models": .object(JSONObject(members: models)),
    ]
  }
}

extension ModelSummary {
  init(_ record: VersionRecord, _ state: VersionState, labels: [LabelRecord]) {
    self.init(
      name: record.id.model.description, version: record.id.number,
      task: DefaultTask(architecture: record.architecture).rawValue, format: record.architecture,
      state: state.name,
      labels: labels.filter { $0.version == record.id.number }.map(\.label.description).sorted(),
      bytes: Int(record.bytes), installed: Int(record.created.time.milliseconds / 1000))
  }
}

extension EngineStatistics.Model {
  var json: JSONValue {
    [
      "requests": .object(
        JSONObject(
          members: requests.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) })
      ),
      "prompt_tokens": .integer(promptTokens), "cached_tokens": .integer(cachedTokens),
      "generated_tokens": .integer(generatedTokens), "images": .integer(images),
      "queue_seconds": queue.json, "ttft_seconds": firstToken.json, "itl_seconds": betweenTokens.json,
      "total_seconds": total.json,
    ]
  }
}

extension Histogram {
  var json: JSONValue { ["count": .integer(count), "sum": .number(sum)] }
}
