import Registry
import Synchronization

/// What became of versions: known here at once, and written to the registry as soon as that can be done.
///
/// No answer waits for these writes and none depends on them, so that a full disk or a locked file takes no model away.
final class Bookkeeping: Sendable {
  private struct Contents {
    /// What happened since the start; the registry may be behind.
    var states: [VersionID: VersionState] = [:]
    var unwritten: [VersionID: VersionState] = [:]
    var failure: String?
    var backupFailure: String?
    /// Until then no write is tried, because each may wait for a lock.
    var resting: ContinuousClock.Instant?
  }

  private static let rest = Duration.seconds(2)

  private let registry: ModelRegistry
  private let contents = Mutex(Contents())

  init(_ registry: ModelRegistry) { self.registry = registry }

  func note(_ id: VersionID, _ state: VersionState, by origin: Origin) {
    let isResting = contents.withLock { contents in
      contents.states[id] = state
      contents.unwritten[id] = state
      return contents.resting.map { .now < $0 } ?? false
    }
    if !isResting { write(by: origin) }
  }

  /// Where a version is in its life; what an earlier daemon left running is not.
  func state(of record: VersionRecord) -> VersionState {
    if let known = contents.withLock({ $0.states[record.id] }) { return known }
    return record.state.isActive ? .unloaded : record.state
  }

  /// Writes what is not written yet.
  func write(by origin: Origin) {
    let states = contents.withLock { $0.unwritten }
    guard !states.isEmpty else { return }
    do {
      try registry.note(states, by: origin)
      contents.withLock { contents in
        contents.unwritten = contents.unwritten.filter { states[$0.key] != $0.value }
        (contents.failure, contents.resting) = (nil, nil)
      }
    } catch {
      contents.withLock { ($0.failure, $0.resting) = (error.description, .now + Self.rest) }
    }
  }

  /// Copies the registry.
  func backUp() {
    do {
      try registry.backUp()
      contents.withLock { $0.backupFailure = nil }
    } catch {
      contents.withLock { $0.backupFailure = error.description }
    }
  }

  /// Copies it again if the last time failed.
  func retryBackup() {
    if contents.withLock({ $0.backupFailure != nil }) { backUp() }
  }

  /// What could not be written, in sentences; empty when all is.
  var problems: [String] {
    contents.withLock { contents in
      [
        contents.failure.map { "what became of models is not recorded: \($0)" },
        contents.backupFailure.map { "the registry has no backup of its last change: \($0)" },
      ]
      .compactMap(\.self)
    }
  }
}
