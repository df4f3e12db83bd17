/// Milliseconds since 1970 in UTC; callers read the clock.
package struct UnixTime: Hashable, Comparable, Sendable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}

/// Who changes something, and when. Every change records its origin.
package struct Origin: Hashable, Sendable {
  package let uid: UInt32
  package let time: UnixTime

  package init(uid: UInt32, time: UnixTime) {
    self.uid = uid
    self.time = time
  }
}

/// Where a version is in its life, as the service last reported it.
///
///     installed ─▶ loading ─▶ ready ─▶ live ─▶ draining ─▶ unloaded ─▶ loading …
///                     └──────────▶ failed(reason) ─▶ loading …
package enum VersionState: Hashable, Sendable, CustomStringConvertible {
  case installed, loading, ready, live, draining, unloaded
  case failed(reason: String)

  package var description: String {
    switch self {
    case .failed(let reason): "failed (\(reason))"
    case .installed, .loading, .ready, .live, .draining, .unloaded: name
    }
  }

  /// The state without its reason, as it is stored and sent.
  package var name: String {
    switch self {
    case .installed: "installed"
    case .loading: "loading"
    case .ready: "ready"
    case .live: "live"
    case .draining: "draining"
    case .unloaded: "unloaded"
    case .failed: "failed"
    }
  }

  /// Whether the model is in memory, or on the way in or out.
  package var isActive: Bool {
    switch self {
    case .loading, .ready, .live, .draining: true
    case .installed, .unloaded, .failed: false
    }
  }

  var reason: String? {
    switch self {
    case .failed(let reason): reason
    case .installed, .loading, .ready, .live, .draining, .unloaded: nil
    }
  }

  init?(name: String, reason: String?) {
    let plain: [Self] = [.installed, .loading, .ready, .live, .draining, .unloaded]
    let state = reason.map { Self.failed(reason: $0) } ?? plain.first { $0.name == name }
    guard let state, state.name == name else { return nil }
    self = state
  }
}

/// What is known about a version when it is installed.
package struct Installation: Equatable, Sendable {
  package let model: ModelName
  package let digest: BlobDigest
  package let bytes: Int64
  package let architecture: String
  /// The quality record as JSON, kept as it is.
  package let quality: String
  package let note: String

  package init(
    model: ModelName, digest: BlobDigest, bytes: Int64, architecture: String, quality: String = "{}",
    note: String = ""
  ) {
    self.model = model
    self.digest = digest
    self.bytes = bytes
    self.architecture = architecture
    self.quality = quality
    self.note = note
  }
}

/// Whether an installation made a version, or found one with the same bytes.
package enum InstallOutcome: Equatable, Sendable {
  case added(VersionRecord)
  case present(VersionRecord)
}

/// One version as it is registered.
package struct VersionRecord: Equatable, Sendable {
  package let id: VersionID
  package let digest: BlobDigest
  package let bytes: Int64
  package let architecture: String
  package let state: VersionState
  /// JSON, as it was installed.
  package let quality: String
  package let note: String
  /// Whether a start loads the version if a label points to it. False after somebody unloaded it.
  package let starts: Bool
  /// Who installed it, and when.
  package let created: Origin
}

/// Where a label points, and where a rollback would move it.
package struct LabelRecord: Equatable, Sendable {
  package let label: Label
  package let version: Int
  package let previous: Int?

  package init(label: Label, version: Int, previous: Int?) {
    self.label = label
    self.version = version
    self.previous = previous
  }
}

/// A model with everything registered under its name.
package struct ModelRecord: Equatable, Sendable {
  package let name: ModelName
  /// Ascending by number; never empty.
  package let versions: [VersionRecord]
  package let labels: [LabelRecord]
}

/// Something that happened.
package struct EventRecord: Equatable, Sendable {
  package enum Action: String, Equatable, Sendable {
    case install, promote, unlabel, rollback, load, unload, remove, state, recover
    case setDefault = "default"
  }
  /// Ascends with time.
  package let number: Int64
  package let origin: Origin
  package let action: Action
  package let model: ModelName?
  package let version: Int?
  package let detail: String
}

/// An operation that has a default model.
package enum DefaultTask: String, CaseIterable, Hashable, Sendable {
  case classify, generate
}
