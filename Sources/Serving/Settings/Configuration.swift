/// Everything an operator can decide about the daemon, as plain values: sizes in bytes, paths absolute.
///
/// ``load(arguments:environment:uid:files:)`` makes one; ``Setting/all`` says how each field is written.
public struct Configuration: Sendable, Equatable {
  /// Whose daemon this is; it decides where files are by default.
  public var mode: Mode

  // Where
  /// The path of the Unix socket; unused when the service manager hands one over.
  public var socket: String
  /// Permission bits of the socket.
  public var socketMode: UInt32
  /// The group that owns the socket, by name or number; nil leaves the daemon's own.
  public var socketGroup: String?
  /// Holds the registry and the installed packs.
  public var stateDirectory: String
  /// Packs in it are installed at start when the registry lacks them.
  public var modelsDirectory: String

  // Machine
  /// Threads that compute; nil: what quota, cpuset and physical cores allow.
  public var threads: Int?
  /// Bytes that weights, caches and scratch may take together; nil: ``MachineMemory/budget``.
  public var memoryBudget: Int?
  /// Bytes of key–value cache per language model.
  public var cacheMemory: Int

  // Batching
  /// Sequences per language model that compute at a time.
  public var maxSequences: Int
  /// Tokens that one step computes, over all sequences.
  public var stepTokens: Int
  /// Prompt tokens of one sequence per step.
  public var prefillChunk: Int
  /// Images that a vision model takes per step.
  public var imageBatch: Int

  // Admission
  /// Requests admitted and not yet finished; beyond it the answer is busy.
  public var maxRequests: Int
  /// Tokens that the admitted requests may come to.
  public var maxQueuedTokens: Int
  public var maxRequestsPerUser: Int
  public var maxQueuedTokensPerUser: Int
  /// Client connections at a time.
  public var maxConnections: Int
  /// Pixels of one image, checked before it is decoded.
  public var maxImagePixels: Int
  /// Tokens to generate when a request does not say.
  public var maxTokensDefault: Int

  // Life
  /// How long running requests may go on after SIGTERM.
  public var drainTimeout: Duration
  /// Largest quotient of quantized by float32 perplexity that is promoted without force.
  public var qualityGatePerplexity: Double
  /// Smallest share of images with the float32 model's answer that is promoted without force.
  public var qualityGateAgreement: Double
  /// Who may administer besides root and the daemon's own user.
  public var adminUsers: [Account]
  public var logLevel: LogLevel

  /// Whether the daemon serves a machine or one user.
  public enum Mode: String, Sendable, Equatable {
    /// `/run`, `/var/lib`, `/etc`: started by root or by the system's service manager.
    case system
    /// The XDG base directories of one user.
    case user
  }
}

/// A user of the machine, as an operator writes one: a login name or a number.
public enum Account: Sendable, Equatable {
  case name(String)
  case uid(UInt32)
}

/// How much is logged; a level includes those before it.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case error, warning, info, debug

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .info: 2
    case .debug: 3
    }
  }
}
