import Glibc

/// What the file system says about a file's content without reading it.
///
/// Every write moves both times, and no program can set the second one. So while a stamp stays the same, the
/// content does.
///
/// There are two exceptions. A second write within the grain of the file system's clock leaves the times as
/// they are, so a stamp that is so young proves nothing: see ``isSettled``. And a user who can set the
/// machine's clock back, or write to the disk below the file system, can change a file under the same stamp;
/// nothing here prevents that.
package struct FileStamp: Equatable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let size: Int64
  /// When the content last changed, in nanoseconds since 1970.
  package let modified: Int64
  /// When the content or the file's attributes last changed, in nanoseconds since 1970.
  package let changed: Int64

  /// The age from which a stamp is trusted: 2 s, far beyond the grain of any file system's clock.
  private static let grain: Int64 = 2_000_000_000

  /// - Throws: ``RegistryError/system(operation:file:code:)``
  package init(descriptor: Int32) throws(RegistryError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Directory.failure("fstat", "the descriptor") }
    (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
    (modified, changed) = (Self.nanoseconds(status.st_mtim), Self.nanoseconds(status.st_ctim))
  }

  /// Whether a write from now on is sure to change the stamp.
  package var isSettled: Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return max(modified, changed) < Self.nanoseconds(now) - Self.grain
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
