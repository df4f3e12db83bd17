/// Milliseconds since 1970 in UTC; callers read the clock.
public struct UnixTime: Hashable, Comparable, Sendable {
  public let milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}

/// Who changes something, and when; every change records it.
public struct Origin: Hashable, Sendable {
  public let uid: UInt32
  public let time: UnixTime

  public init(uid: UInt32, time: UnixTime) {
    self.uid = uid
    self.time = time
  }
}

/// Where a version is in its life, as the service last reported it.
///
///     installed ─▶ loading ─▶ ready ─▶ live ─▶ draining ─▶ unloaded ─▶ loading …
///                     └──────────▶ failed(reason) ─▶ loading …
public enum VersionState: Hashable, Sendable, CustomStringConvertible {
  case installed, loading, ready, live, draining, unloaded
  case failed(reason: String)

  public var description: String {
    switch self {
    case .failed(let reason): "failed (\(reason))"
    case .installed, .loading, .ready, .live, .draining, .unloaded: name
    }
  }

  /// The state without its reason, as it is stored and sent.
  public var name: String {
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
  public var isActive: Bool {
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
public struct Installation: Equatable, Sendable {
  public let model: ModelName
  public let digest: BlobDigest
  public let bytes: Int64
  public let architecture: String
  /// The quality record as JSON, kept as it is.
  public let quality: String
  public let note: String

  public init(
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
public enum InstallOutcome: Equatable, Sendable {
  case added(VersionRecord)
  case present(VersionRecord)
}

/// One version as it is registered.
public struct VersionRecord: Equatable, Sendable {
  public let id: VersionID
  public let digest: BlobDigest
  public let bytes: Int64
  public let architecture: String
  public let state: VersionState
  /// JSON, as it was installed.
  public let quality: String
  public let note: String
  /// Who installed it, and when.
  public let created: Origin
}

/// Where a label points, and where a rollback would move it.
public struct LabelRecord: Equatable, Sendable {
  public let label: Label
  public let version: Int
  public let previous: Int?

  public init(label: Label, version: Int, previous: Int?) {
    self.label = label
    self.version = version
    self.previous = previous
  }
}

/// A model with everything registered under its name.
public struct ModelRecord: Equatable, Sendable {
  public let name: ModelName
  /// Ascending by number; never empty.
  public let versions: [VersionRecord]
  public let labels: [LabelRecord]
}

/// Something that happened.
public struct EventRecord: Equatable, Sendable {
  public enum Action: String, Equatable, Sendable {
    case install, promote, rollback, remove, state, recover
    case setDefault = "default"
  }
  /// Ascends with time.
  public let number: Int64
  public let origin: Origin
  public let action: Action
  public let model: ModelName?
  public let version: Int?
  public let detail: String
}

/// An operation that has a default model.
public enum DefaultTask: String, CaseIterable, Hashable, Sendable {
  case classify, generate
}
