import WireProtocol

/// Who sent a line, and how to answer.
package struct Caller: Sendable {
  /// The connection, as its owner numbers it.
  package let connection: UInt64
  package let uid: UInt32
  /// Sends one line; false once nobody reads it any more.
  package let send: @Sendable ([UInt8]) -> Bool

  package init(connection: UInt64, uid: UInt32, send: @escaping @Sendable ([UInt8]) -> Bool) {
    self.connection = connection
    self.uid = uid
    self.send = send
  }

  @discardableResult
  func reply(_ event: Event) -> Bool { send(event.encoded()) }
}

/// An open file that came with a line; `owner` closes it when it goes away.
package struct PassedFile: Sendable {
  package let descriptor: Int32
  let owner: any Sendable

  package init(descriptor: Int32, owner: any Sendable) {
    self.descriptor = descriptor
    self.owner = owner
  }
}

/// Who may change models. Everybody who can connect may infer; the socket's mode and group decide that.
package struct Rights: Sendable {
  private let administrators: Set<UInt32>

  /// - Parameter administrators: Besides root, which always is one.
  package init(administrators: Set<UInt32>) { self.administrators = administrators.union([0]) }

  func mayAdminister(_ uid: UInt32) -> Bool { administrators.contains(uid) }

  func names(of uid: UInt32) -> [String] { mayAdminister(uid) ? ["infer", "admin"] : ["infer"] }
}
