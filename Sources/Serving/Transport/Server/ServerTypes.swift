/// One client's connection, for the life of a server; numbers are never reused.
package struct ConnectionID: Sendable, Hashable, CustomStringConvertible {
  package let number: UInt64

  package init(number: UInt64) {
    self.number = number
  }

  package var description: String { "connection \(number)" }
}

/// How much peers may make the server hold.
package struct ServerLimits: Sendable {
  /// The most connections at once. A further one is sent the refusal and closed.
  package var connections = 256
  /// The longest line that is read, in bytes without its newline.
  package var lineBytes = 8 << 20
  /// The most bytes of incomplete lines over all connections; the connection that exceeds it is closed.
  package var incomingBytes = 64 << 20
  /// The most bytes that wait for one slow reader; beyond them it is closed.
  package var outgoingBytes = 8 << 20

  package init() {}
}

/// Why a connection ended.
package enum CloseReason: Sendable, Equatable {
  case peerClosed
  /// ``SocketServer/close(_:)`` was called.
  case requested
  /// The peer let more than ``ServerLimits/outgoingBytes`` wait.
  case tooSlow
  /// Incomplete lines took more than ``ServerLimits/incomingBytes``.
  case tooMuchBuffered
  /// More descriptors came than one line may carry.
  case tooManyDescriptors
  case failed(SystemFailure)
  /// ``SocketServer/stop()`` was called.
  case stopping
}

/// What happens on a ``SocketServer``; events of one connection come in order, on the server's thread.
package enum ServerEvent: Sendable {
  case accepted(ConnectionID, PeerCredentials)
  /// A line without its newline, and the files that came with it. Files nobody keeps are closed.
  case line(ConnectionID, [UInt8], [FileDescriptor])
  /// A line beyond ``ServerLimits/lineBytes``; it was skipped and the connection lives.
  case overlongLine(ConnectionID)
  /// The peer sends no more but still reads: answer what is open, then ``SocketServer/close(_:)``.
  case inputEnded(ConnectionID)
  /// The connection is closed: nothing can be sent, so work for it can be cancelled.
  case closed(ConnectionID, CloseReason)
}
