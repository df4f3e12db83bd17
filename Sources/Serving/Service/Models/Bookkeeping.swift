import Registry
import Synchronization

/// The states of versions: known here at once, and written to the registry as soon as that can be done.
///
/// No answer waits for these writes or depends on them, so models go on answering while a disk is full or a
/// file is locked.
final class Bookkeeping: Sendable {
  private struct Contents {
    /// What happened since the start; the registry may be behind.
    var states: [VersionID: VersionState] = [:]
    var unwritten: [VersionID: VersionState] = [:]
    var failure: String?
    var backupFailure: String?
    /// The time until which no write is tried after one that failed, because each may wait for a lock.
    var resting: ContinuousClock.Instant?
  }

  /// A write waits for a lock for up to a quarter of a second (``ModelRegistry/note(_:by:)``), so that failing
  /// ones take at most a ninth of the time.
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

  /// The state of a version. One that an earlier daemon left running counts as unloaded.
  func state(of record: VersionRecord) -> VersionState {
    if let known = contents.withLock({ $0.states[record.id] }) { return known }
    return record.state.isActive ? .unloaded : record.state
  }

  /// Writes the states that are not written yet.
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
