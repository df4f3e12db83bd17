/// Everything an operator can decide about the daemon, as plain values: sizes in bytes, paths absolute.
///
/// ``load(arguments:environment:uid:files:)`` makes one; ``Setting/all`` says how each field is written. The
/// value behind a field is its default, which no other module repeats.
package struct Configuration: Sendable, Equatable {
  /// Whether the daemon is the system's or a user's, which decides where files are by default.
  package var mode: Mode

  // Where
  /// The path of the Unix socket; unused when the service manager hands one over.
  package var socket: String
  /// Permission bits of the socket.
  package var socketMode: UInt32 = 0o660
  /// The group that owns the socket, by name or number; nil leaves the daemon's own.
  package var socketGroup: String?
  /// Holds the registry and the installed packs.
  package var stateDirectory: String
  /// Packs in it are installed at start when the registry lacks them.
  package var modelsDirectory = "/usr/share/quantd/models"

  // Machine
  /// Threads that compute; nil: what quota, cpuset and physical cores allow.
  package var threads: Int?
  /// Bytes that weights, caches and scratch may take together; nil: ``MachineMemory/budget``.
  package var memoryBudget: Int?
  /// Bytes of key–value cache per language model.
  package var cacheMemory = 256 << 20

  // Batching
  /// Sequences per language model that compute at a time.
  package var maxSequences = 16
  /// Tokens that one step computes, over all sequences.
  package var stepTokens = 512
  /// Prompt tokens of one sequence per step.
  package var prefillChunk = 256
  /// Images that a vision model takes per step.
  package var imageBatch = 16

  // Admission
  /// Requests admitted and not yet finished; beyond it the answer is busy.
  package var maxRequests = 256
  /// The most tokens that the admitted requests can compute: their prompts and what they may generate.
  package var maxQueuedTokens = 262_144
  package var maxRequestsPerUser = 128
  package var maxQueuedTokensPerUser = 131_072
  /// Client connections at a time.
  package var maxConnections = 256
  /// The most pixels of one image, checked before it is decoded.
  package var maxImagePixels = 64_000_000
  /// Tokens to generate when a request does not say.
  package var maxTokensDefault = 256

  // Life
  /// How long running requests may go on after SIGTERM.
  package var drainTimeout = Duration.seconds(30)
  /// Largest quotient of quantized by float32 perplexity that is promoted without force.
  package var qualityGatePerplexity = 1.10
  /// Smallest share of images with the float32 model's answer that is promoted without force.
  package var qualityGateAgreement = 0.90
  /// Who may administer besides root and the daemon's own user.
  package var adminUsers: [Account] = []
  package var logLevel = LogLevel.info

  /// Whether the daemon serves a machine or one user.
  package enum Mode: String, Sendable, Equatable {
    /// `/run`, `/var/lib`, `/etc`: started by root or by the system's service manager.
    case system
    /// The XDG base directories of one user.
    case user
  }
}

/// A user of the machine, as an operator writes one: a login name or a number.
package enum Account: Sendable, Equatable {
  case name(String)
  case uid(UInt32)
}

/// How much is logged; a level includes those before it.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case error, warning, info, debug

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .info: 2
    case .debug: 3
    }
  }
}
