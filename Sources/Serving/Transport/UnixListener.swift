import Glibc

/// A listening Unix socket: bound here, or inherited from a service manager.
///
/// A bound socket has its permissions from the first moment (the umask is narrowed before `bind`), holds a lock
/// beside it so that two daemons cannot fight over one path, and is removed when the listener goes.
package final class UnixListener: Sendable {
  package let address: String
  let descriptor: FileDescriptor
  /// The socket file to remove at the end, and its lock; nil for an inherited socket, which belongs to the
  /// service manager.
  private let bound: (path: String, inode: ino_t, lock: FileDescriptor)?

  private init(
    address: String, descriptor: FileDescriptor,
    bound: (path: String, inode: ino_t, lock: FileDescriptor)? = nil
  ) {
    self.address = address
    self.descriptor = descriptor
    self.bound = bound
  }

  deinit {
    guard let bound, inode(of: bound.path) == bound.inode else { return }
    unlink(bound.path)
  }

  /// Binds and listens at `path`.
  ///
  /// A socket file at which nobody answers was left over by a crash, and is replaced. Any other file in the way
  /// is left alone, and an error. The directory must exist.
  ///
  /// - Parameters:
  ///   - mode: Permissions of the socket file. A user who may write to it may connect.
  ///   - group: The group that the file is given to; nil leaves the process's own.
  ///   - backlog: The most connections that wait to be accepted.
  /// - Throws: ``ListenError``.
  package static func bind(
    path: String, mode: mode_t = 0o660, group: gid_t? = nil, backlog: Int = 128
  ) throws(ListenError) -> UnixListener {
    let address = try resolve(path)
    let lock = try lock(path)
    try removeStale(address)
    let descriptor = try makeSocket()
    let previous = umask(~mode & 0o777)
    let bound = address.withSockaddr { Glibc.bind(descriptor.number, $0, $1) }
    let code = errno
    umask(previous)
    guard bound == 0 else { throw .system(SystemFailure("bind", path, code: code, hint: hint(code, path))) }
    guard let inode = inode(of: path) else {
      throw .system(SystemFailure("find the socket just bound at", path))
    }
    let listener = UnixListener(address: path, descriptor: descriptor, bound: (path, inode, lock))
    if let group, chown(path, uid_t.max, group) != 0 {
      throw .system(
        SystemFailure("give to group \(group)", path, hint: "the daemon's user must be in that group"))
    }
    guard listen(descriptor.number, CInt(clamping: backlog)) == 0 else {
      throw .system(SystemFailure("listen at", path))
    }
    return listener
  }

  /// Adopts a socket that the service manager bound (socket activation).
  /// - Throws: ``ListenError/notListening(descriptor:)`` when it is no listening Unix stream socket.
  package static func adopt(_ descriptor: FileDescriptor) throws(ListenError) -> UnixListener {
    func option(_ name: CInt) -> CInt? {
      var value: CInt = -1
      var length = socklen_t(MemoryLayout<CInt>.size)
      return getsockopt(descriptor.number, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
    guard option(SO_DOMAIN) == AF_UNIX, option(SO_TYPE) == CInt(SOCK_STREAM.rawValue),
      option(SO_ACCEPTCONN) == 1,
      fcntl(descriptor.number, F_SETFL, fcntl(descriptor.number, F_GETFL) | O_NONBLOCK) == 0
    else { throw .notListening(descriptor: descriptor.number) }
    return UnixListener(address: "descriptor \(descriptor.number)", descriptor: descriptor)
  }
}

extension UnixListener {
  private static func resolve(_ path: String) throws(ListenError) -> SocketAddress {
    do {
      let address = try SocketAddress(path)
      guard !address.isAbstract else { throw ListenError.abstract(path: path) }
      return address
    } catch let error as SocketPathError {
      throw .path(error)
    } catch {
      throw .abstract(path: path)
    }
  }

  /// Locks the file beside the socket. It is never removed: removing it would let two holders lock two files.
  private static func lock(_ path: String) throws(ListenError) -> FileDescriptor {
    let lockPath = path + ".lock"
    let number = open(lockPath, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard number >= 0 else { throw .system(SystemFailure("open", lockPath, hint: hint(errno, path))) }
    let descriptor = FileDescriptor(owning: number)
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .alreadyServed(path: path) }
      throw .system(SystemFailure("lock", lockPath))
    }
    return descriptor
  }

  private static func removeStale(_ address: SocketAddress) throws(ListenError) {
    let path = address.description
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .system(SystemFailure("look at", path, hint: hint(errno, path)))
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    let probe = try makeSocket()
    let answer = address.withSockaddr { connect(probe.number, $0, $1) }
    // EAGAIN: somebody listens, with a full backlog.
    if answer == 0 || errno == EAGAIN { throw .alreadyServed(path: path) }
    guard errno == ECONNREFUSED else { throw .system(SystemFailure("probe", path, hint: hint(errno, path))) }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(SystemFailure("remove the stale socket", path, hint: hint(errno, path)))
    }
  }

  private static func makeSocket() throws(ListenError) -> FileDescriptor {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = socket(AF_UNIX, type, 0)
    guard number >= 0 else { throw .system(SystemFailure("create", "a Unix socket")) }
    return FileDescriptor(owning: number)
  }

  private static func hint(_ code: CInt, _ path: String) -> String? {
    switch code {
    case ENOENT, ENOTDIR: "create its directory first, or choose another with --socket"
    case EACCES, EPERM: "the daemon's user needs write permission on its directory"
    case EROFS: "its directory is on a read-only file system; choose another with --socket"
    default: nil
    }
  }
}

private func inode(of path: String) -> ino_t? {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_ino : nil
}

/// Why no listening socket could be made.
package enum ListenError: Error, Sendable, Equatable, CustomStringConvertible {
  case path(SocketPathError)
  case abstract(path: String)
  case notASocket(path: String)
  case alreadyServed(path: String)
  case notListening(descriptor: CInt)
  case system(SystemFailure)

  package var description: String {
    switch self {
    case .path(let error): error.description
    case .abstract(let path):
      "'\(path)' is an abstract address, which no permissions protect; give a path in a directory of the daemon"
    case .notASocket(let path):
      "\(path) exists and is not a socket; it is left alone, move it away or choose another path"
    case .alreadyServed(let path):
      "another process already serves \(path); stop it first, or choose another path"
    case .notListening(let descriptor):
      """
      descriptor \(descriptor) from the service manager is not a listening Unix stream socket; \
      the socket unit needs ListenStream= with a path and Accept=no
      """
    case .system(let failure): failure.description
    }
  }
}
