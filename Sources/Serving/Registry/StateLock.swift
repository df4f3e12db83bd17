import Glibc

/// The right to be the one daemon of a state directory. It is given up when this value ends.
///
/// An advisory lock on the file `lock`, which the kernel releases with the process, however that ends. The file holds
/// the owner's pid for people who read it and is never removed: removing it would let two owners lock two files.
package struct StateLock: ~Copyable {
  /// Negative where the file system is read-only and has no lock file. No daemon can change anything there, so
  /// none needs the lock.
  private let descriptor: Int32

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Takes the lock of a directory, without waiting.
  ///
  /// - Throws: ``RegistryError/stateInUse(holder:)`` with the pid of the holder, or a failure of the file
  ///   system.
  package static func take(in directory: String) throws(RegistryError) -> StateLock {
    let path = directory + "/lock"
    var descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    if descriptor < 0, errno == EROFS {
      descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      if descriptor < 0, errno == ENOENT { return StateLock(descriptor: -1) }
    }
    guard descriptor >= 0 else { throw Directory.failure("open", "lock") }
    let lock = StateLock(descriptor: descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw Directory.failure("flock", "lock") }
      throw .stateInUse(holder: lock.holder)
    }
    lock.writeHolder()
    return lock
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// The pid in the file; nil while its owner has not written it yet.
  private var holder: Int32? {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &text, text.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  /// Writes the pid if it can. On a full disk the lock holds without it; a second daemon then cannot name the
  /// first.
  private func writeHolder() {
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = pwrite(descriptor, text, text.count, 0)
  }
}
