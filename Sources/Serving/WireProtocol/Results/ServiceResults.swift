import JSON

/// The state of the daemon: its requests, memory, default models and problems.
package struct ServiceStatus: Sendable, Equatable {
  /// `starting`, `ready`, `degraded` or `draining`.
  package var state: String
  package var version: String
  package var uptimeSeconds: Int
  package var instructionSet: String
  package var threads: Int
  package var active: Int
  package var queued: Int
  package var memoryBytes: Int
  package var memoryBudgetBytes: Int?
  /// The default model of each task, `classify` and `generate`, as `name:version`; a task without one is absent.
  package var defaults: [(task: String, model: String)]
  /// What is wrong, for people; empty when all is well.
  package var problems: [String]

  package init(
    state: String, version: String, uptimeSeconds: Int, instructionSet: String, threads: Int, active: Int,
    queued: Int, memoryBytes: Int, memoryBudgetBytes: Int? = nil,
    defaults: [(task: String, model: String)] = [],
    problems: [String] = []
  ) {
    self.state = state
    self.version = version
    self.uptimeSeconds = uptimeSeconds
    self.instructionSet = instructionSet
    self.threads = threads
    self.active = active
    self.queued = queued
    self.memoryBytes = memoryBytes
    self.memoryBudgetBytes = memoryBudgetBytes
    self.defaults = defaults
    self.problems = problems
  }

  package static func == (a: Self, b: Self) -> Bool { a.json == b.json }
}

extension ServiceStatus: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "state": .string(state), "version": .string(version), "uptime_s": .integer(uptimeSeconds),
      "instruction_set": .string(instructionSet), "threads": .integer(threads), "active": .integer(active),
      "queued": .integer(queued), "memory_bytes": .integer(memoryBytes),
      "memory_budget_bytes": memoryBudgetBytes.map { .integer($0) },
      "defaults": .object(
        JSONObject(members: defaults.map { .init(name: $0.task, value: .string($0.model)) })),
      "problems": .strings(problems),
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a status")
    state = try fields.required(fields.string("state", bytes: 1...64), "state")
    version = try fields.string("version", bytes: 0...256) ?? ""
    uptimeSeconds = try fields.integer("uptime_s", in: 0...Int.max) ?? 0
    instructionSet = try fields.string("instruction_set", bytes: 0...64) ?? ""
    threads = try fields.integer("threads", in: 0...Int.max) ?? 0
    active = try fields.integer("active", in: 0...Int.max) ?? 0
    queued = try fields.integer("queued", in: 0...Int.max) ?? 0
    memoryBytes = try fields.integer("memory_bytes", in: 0...Int.max) ?? 0
    memoryBudgetBytes = try fields.integer("memory_budget_bytes", in: 0...Int.max)
    defaults = []
    if case .object(let object)? = fields.value("defaults") {
      defaults = object.members.compactMap { member in
        member.value.stringValue.map { (task: member.name, model: $0) }
      }
    }
    problems = try fields.array("problems", count: 0...1000)?.compactMap(\.stringValue) ?? []
  }
}

/// The daemon's counters in the Prometheus text format, version 0.0.4.
package struct MetricsResult: Sendable, Equatable, JSONRepresentable {
  package var text: String

  package init(text: String) {
    self.text = text
  }

  package var json: JSONValue { ["text": .string(text)] }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "metrics")
    text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
  }
}

/// Whether a `cancel` found its target. The target's own last event, `done` or `error`, comes as well.
package struct CancelResult: Sendable, Equatable, JSONRepresentable {
  package var target: RequestID
  /// False when the target had already ended, or never was.
  package var found: Bool

  package init(target: RequestID, found: Bool) {
    self.target = target
    self.found = found
  }

  package var json: JSONValue { ["target": target.json, "found": .bool(found)] }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a cancellation")
    target = try fields.required(fields.identifier("target"), "target")
    found = try fields.bool("found") ?? false
  }
}
