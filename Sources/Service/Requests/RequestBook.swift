import Engine
import Scheduling
import Synchronization
import WireProtocol

/// The requests under way on each connection, by the client's ids.
final class RequestBook: Sendable {
  /// What stands behind a client's id.
  enum Entry {
    /// The engine computes for it.
    case job(Scheduling.RequestID)
    /// A subscription to changes.
    case watch
    /// A change of models, which runs to its end.
    case change
  }

  private let entries = Mutex<[UInt64: [WireProtocol.RequestID: Entry]]>([:])

  /// Notes a request.
  ///
  /// - Throws: `conflict` where the connection has a request of that id under way.
  func enter(_ id: WireProtocol.RequestID, _ entry: Entry, on connection: UInt64) throws(WireError) {
    let isNew = entries.withLock { entries in
      guard entries[connection]?[id] == nil else { return false }
      entries[connection, default: [:]][id] = entry
      return true
    }
    guard isNew else {
      throw WireError(.conflict, "a request with id \(id) is under way on this connection", parameter: "id")
    }
  }

  func leave(_ id: WireProtocol.RequestID, on connection: UInt64) {
    entries.withLock { entries in
      entries[connection]?[id] = nil
      if entries[connection]?.isEmpty == true { entries[connection] = nil }
    }
  }

  func find(_ id: WireProtocol.RequestID, on connection: UInt64) -> Entry? {
    entries.withLock { $0[connection]?[id] }
  }

  /// Forgets a connection; returns the jobs that nobody waits for any more.
  func close(_ connection: UInt64) -> [Scheduling.RequestID] {
    entries.withLock { $0.removeValue(forKey: connection) }.map { entries in
      entries.values.compactMap { if case .job(let id) = $0 { id } else { nil } }
    } ?? []
  }

  func isIdle(_ connection: UInt64) -> Bool { entries.withLock { $0[connection] == nil } }
}
