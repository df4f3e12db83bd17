import Engine
import Scheduling
import Synchronization
import WireProtocol

/// The requests under way on each connection, by the client's ids.
final class RequestBook: Sendable {
  /// What a client's id stands for.
  enum Entry {
    /// The engine computes for it.
    case job(JobID)
    /// A subscription to changes.
    case watch
    /// A change of models, which runs to its end.
    case change
  }

  private struct Connection {
    var entries: [RequestID: Entry] = [:]
    /// Requests that have left, so that their ids are free, but whose last event is not on its way yet.
    var leaving = 0
    var isIdle: Bool { entries.isEmpty && leaving == 0 }
  }

  private let connections = Mutex<[UInt64: Connection]>([:])

  /// Notes a request.
  ///
  /// - Throws: `conflict` where the connection has a request of that id under way.
  func enter(_ id: RequestID, _ entry: Entry, on connection: UInt64) throws(WireError) {
    let isNew = connections.withLock { connections in
      guard connections[connection]?.entries[id] == nil else { return false }
      connections[connection, default: Connection()].entries[id] = entry
      return true
    }
    guard isNew else {
      throw WireError(.conflict, "a request with id \(id) is under way on this connection", parameter: "id")
    }
  }

  /// Forgets a request and then runs `body`, which answers it or enters it again. The connection is not idle
  /// before `body` has returned.
  func leave(_ id: RequestID, on connection: UInt64, _ body: () -> Void) {
    connections.withLock {
      $0[connection]?.entries[id] = nil
      $0[connection]?.leaving += 1
    }
    body()
    connections.withLock { connections in
      // A connection that was closed meanwhile has been forgotten together with this count.
      guard let leaving = connections[connection]?.leaving, leaving > 0 else { return }
      connections[connection]?.leaving -= 1
      if connections[connection]?.isIdle == true { connections[connection] = nil }
    }
  }

  func find(_ id: RequestID, on connection: UInt64) -> Entry? {
    connections.withLock { $0[connection]?.entries[id] }
  }

  /// Forgets a connection; returns the jobs that nobody waits for any more.
  func close(_ connection: UInt64) -> [JobID] {
    connections.withLock { $0.removeValue(forKey: connection) }.map { connection in
      connection.entries.values.compactMap { if case .job(let id) = $0 { id } else { nil } }
    } ?? []
  }

  func isIdle(_ connection: UInt64) -> Bool { connections.withLock { $0[connection] == nil } }
}
