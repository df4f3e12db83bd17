import JSON
import Synchronization
import WireProtocol

/// Clients that asked to hear about changes of models.
final class Watchers: Sendable {
  private struct Watcher {
    let id: RequestID
    let caller: Caller
  }

  private let watchers = Mutex<[Watcher]>([])

  func add(_ id: RequestID, _ caller: Caller) {
    watchers.withLock { $0.append(Watcher(id: id, caller: caller)) }
  }

  func remove(_ id: RequestID, on connection: UInt64) {
    watchers.withLock { $0.removeAll { $0.id == id && $0.caller.connection == connection } }
  }

  func remove(_ connection: UInt64) {
    watchers.withLock { $0.removeAll { $0.caller.connection == connection } }
  }

  func tell(_ message: String, _ details: JSONValue) {
    for watcher in watchers.withLock({ $0 }) {
      watcher.caller.reply(
        Event(id: watcher.id, .progress(ProgressEvent(message: message, details: details))))
    }
  }
}
