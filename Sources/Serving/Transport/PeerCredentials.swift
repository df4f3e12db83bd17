import Glibc

/// Who is at the other end of a Unix socket, as the kernel recorded it at `connect`; it cannot be forged.
package struct PeerCredentials: Sendable, Hashable, CustomStringConvertible {
  package let uid: uid_t
  package let gid: gid_t
  package let pid: pid_t

  package init(uid: uid_t, gid: gid_t, pid: pid_t) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }

  package var description: String { "uid \(uid), gid \(gid), pid \(pid)" }

  /// The credentials of the process that connected `socket`.
  init(socket: CInt) throws(SystemFailure) {
    // `struct ucred` is not imported without _GNU_SOURCE; it is three 32-bit words: pid, uid, gid.
    var words: (Int32, UInt32, UInt32) = (0, 0, 0)
    var length = socklen_t(MemoryLayout.size(ofValue: words))
    guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &words, &length) == 0 else {
      throw SystemFailure("read the credentials of", "a peer")
    }
    self.init(uid: words.1, gid: words.2, pid: words.0)
  }
}
