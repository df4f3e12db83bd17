import Service
import Synchronization
import Transport

/// Joins the socket server and the service: hands lines to the service and events to the server, and closes a
/// connection when its last answer is sent.
final class Connections: Sendable {
  private struct Peer {
    let credentials: PeerCredentials
    /// The peer sends no more but still reads.
    var hasEnded = false
  }

  private let peers = Mutex<[UInt64: Peer]>([:])
  /// Set once, before the server starts.
  private let parts = Mutex<(server: SocketServer, service: Service)?>(nil)

  func connect(_ server: SocketServer, _ service: Service) { parts.withLock { $0 = (server, service) } }

  func handle(_ event: ServerEvent) {
    guard let (server, service) = parts.withLock({ $0 }) else { return }
    switch event {
    case .accepted(let id, let credentials):
      peers.withLock { $0[id.number] = Peer(credentials: credentials) }
    case .line(let id, let line, let files):
      guard let caller = caller(id, server) else { return }
      let passed = files.map { PassedFile(descriptor: $0.number, owner: $0) }
      service.handle(line, files: passed, from: caller)
    case .overlongLine(let id):
      if let caller = caller(id, server) { service.refuseOverlongLine(from: caller) }
    case .inputEnded(let id):
      peers.withLock { $0[id.number]?.hasEnded = true }
      if service.isIdle(id.number) { server.close(id) }
    case .closed(let id, _):
      peers.withLock { $0[id.number] = nil }
      service.close(id.number)
    }
  }

  /// Closes a connection that sends no more, once its last request has been answered.
  func becameIdle(_ connection: UInt64) {
    guard peers.withLock({ $0[connection]?.hasEnded }) == true else { return }
    parts.withLock { $0 }?.server.close(ConnectionID(number: connection))
  }

  /// Closes all connections after what is queued for them has been sent.
  func closeAll() {
    guard let (server, _) = parts.withLock({ $0 }) else { return }
    for connection in peers.withLock({ Array($0.keys) }) { server.close(ConnectionID(number: connection)) }
  }

  private func caller(_ id: ConnectionID, _ server: SocketServer) -> Caller? {
    guard let credentials = peers.withLock({ $0[id.number]?.credentials }) else { return nil }
    return Caller(connection: id.number, uid: credentials.uid) { [weak server] line in
      server?.send(line, to: id) ?? false
    }
  }
}
