import Glibc

/// A Unix-domain address: a path in the file system, or a name in Linux's abstract space (`@name`).
package struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
  /// The bytes a path may have: `sun_path` holds 108 with the terminating zero.
  package static let maximumPathBytes = 107

  /// The address as it is written: a path, or `@` and an abstract name.
  package let description: String

  /// - Throws: ``SocketPathError`` when the path is empty, has a zero byte, or does not fit `sun_path`.
  package init(_ path: String) throws(SocketPathError) {
    let count = path.utf8.count
    guard count > 0, !path.utf8.contains(0) else { throw .empty }
    guard count <= Self.maximumPathBytes else { throw .tooLong(path: path, bytes: count) }
    description = path
  }

  /// Whether the address is a name in the abstract space, which no file stands for.
  package var isAbstract: Bool { description.utf8.first == UInt8(ascii: "@") }

  /// Calls `body` with the address in the form that `bind`, `connect` and `sendto` take.
  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: description.utf8) }
    if isAbstract { withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 } }
    let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
    let terminator = isAbstract ? 0 : 1
    let length = socklen_t(pathOffset + description.utf8.count + terminator)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}

/// Why a path cannot be the address of a socket.
package enum SocketPathError: Error, Sendable, Equatable, CustomStringConvertible {
  case empty
  case tooLong(path: String, bytes: Int)

  package var description: String {
    switch self {
    case .empty: "a socket path must have at least one byte and none that is zero"
    case .tooLong(let path, let bytes):
      """
      socket path '\(path)' has \(bytes) bytes, but Linux takes at most \(SocketAddress.maximumPathBytes); \
      choose a shorter directory
      """
    }
  }
}
