import Engine
import FoundationEssentials
import Glibc
import Kernels
import Scheduling
import Service
import Settings
import Synchronization
import Transport
import Vocabulary
import WireProtocol

/// The options of each part of the daemon, made from the configuration.
extension Configuration {
  var socketDirectory: String {
    let parts = socket.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count > 1 ? parts.joined(separator: "/") : "/"
  }

  var threadCount: Int { threads ?? WorkerPool.availableThreads() }

  func engineOptions(_ manager: ServiceManager) throws -> Engine.Options {
    let watchdog = Watchdog(manager)
    return Engine.Options(
      threads: threadCount,
      admission: AdmissionLimits(
        requests: maxRequests, tokens: maxQueuedTokens, requestsPerUID: maxRequestsPerUser,
        tokensPerUID: maxQueuedTokensPerUser),
      step: StepBudget(tokens: stepTokens, chunk: prefillChunk), heartbeatInterval: watchdog.interval,
      heartbeat: { watchdog.beat() })
  }

  func serviceOptions() throws -> ServiceOptions {
    ServiceOptions(
      stateDirectory: stateDirectory, modelsDirectory: modelsDirectory,
      modelLimits: RunnableModel.Limits(
        imageBatch: imageBatch, sequences: maxSequences, cacheBytes: cacheMemory),
      memoryBudget: memoryBudget ?? MachineMemory.current().budget,
      policy: try servicePolicy(), version: Version.current)
  }

  func servicePolicy() throws -> ServicePolicy {
    ServicePolicy(
      rights: Rights(administrators: Set(try adminUsers.map(uid) + [geteuid()])),
      gate: QualityGate(maxPerplexityRatio: qualityGatePerplexity, minAgreement: qualityGateAgreement),
      maxImagePixels: maxImagePixels, defaultMaxTokens: maxTokensDefault)
  }

  /// The keys that ``servicePolicy()`` reads: a reload puts them in force, all others wait for a restart.
  private static let reloadable: Set = [
    "admin_users", "quality_gate_perplexity", "quality_gate_agreement", "max_image_pixels",
    "max_tokens_default",
  ]

  var serverLimits: ServerLimits {
    var limits = ServerLimits()
    limits.connections = maxConnections
    return limits
  }

  func socketGroupID() throws(AccountError) -> gid_t? {
    guard let socketGroup else { return nil }
    if let number = gid_t(socketGroup) { return number }
    guard let entry = getgrnam(socketGroup) else { throw .unknownGroup(socketGroup) }
    return entry.pointee.gr_gid
  }

  private func uid(_ account: Account) throws(AccountError) -> UInt32 {
    switch account {
    case .uid(let number): return number
    case .name(let name):
      guard let entry = getpwnam(name) else { throw .unknownUser(name) }
      return entry.pointee.pw_uid
    }
  }

  /// The keys whose values differ, as `key = new value`: those that a reload puts in force, and those that wait.
  func differences(from other: Configuration) -> (applied: [String], waiting: [String]) {
    let changed = Setting.all.filter { $0.show(self) != $0.show(other) }
    let split = (
      changed.filter { Self.reloadable.contains($0.name) },
      changed.filter { !Self.reloadable.contains($0.name) }
    )
    let text = { (settings: [Setting]) in settings.map { "\($0.name) = \($0.show(self))" } }
    return (text(split.0), text(split.1))
  }
}

/// A name in the configuration that the machine does not know.
enum AccountError: Error, CustomStringConvertible {
  case unknownUser(String)
  case unknownGroup(String)

  var description: String {
    switch self {
    case .unknownUser(let name): "admin_users names '\(name)', but this machine has no such user"
    case .unknownGroup(let name): "socket_group is '\(name)', but this machine has no such group"
    }
  }
}

/// Tells the service manager that the engine makes progress. The engine's loop calls it, so a stuck step is
/// noticed.
final class Watchdog: Sendable {
  private let manager: ServiceManager
  private let last = Mutex<ContinuousClock.Instant?>(nil)
  /// The longest time between two calls of ``beat()``.
  let interval: Duration
  private let isWanted: Bool

  init(_ manager: ServiceManager) {
    self.manager = manager
    isWanted = manager.watchdogInterval != nil
    interval = (manager.watchdogInterval ?? .seconds(20)) / 3
  }

  func beat() {
    guard isWanted else { return }
    let now = ContinuousClock.now
    let isDue = last.withLock { last in
      if let last, now - last < interval / 2 { return false }
      last = now
      return true
    }
    if isDue { _ = try? manager.notify("WATCHDOG=1") }  // if it fails, the next one still comes in time
  }
}

/// Makes a directory, and those above it, if it is missing.
func makeDirectory(_ path: String) throws {
  try FileManager.default.createDirectory(
    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
}
