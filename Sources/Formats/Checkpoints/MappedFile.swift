import Glibc

/// A whole regular file mapped read-only; unmapped with its last reference.
///
/// Pages are read when first touched and belong to the page cache, so opening costs no copy. The mapping is
/// private and never written. If somebody truncates the file, reading it kills the process (SIGBUS), so map
/// only files that the process's own account controls, or that nobody else can write.
package final class MappedFile: @unchecked Sendable {  // Sendable: the bytes are immutable until deinit.
  /// What to do when the last component of the path is a symbolic link.
  package enum Links: Sendable { case follow, refuse }

  /// The content; empty for an empty file. Valid while this object lives: keep a reference to it beside the
  /// pointer.
  package let bytes: UnsafeRawBufferPointer
  /// The last component of the path, for messages.
  package let name: String

  /// Opens and maps the file at `path`.
  ///
  /// - Throws: ``CheckpointError`` with the failed call and its errno, or `notARegularFile`. A FIFO does not
  ///   block.
  package convenience init(path: String, links: Links = .follow) throws(CheckpointError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (links == .refuse ? O_NOFOLLOW : 0)
    let descriptor = open(path, flags)
    guard descriptor >= 0 else {
      throw CheckpointError(file: name, problem: .system(operation: "open", code: errno))
    }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, name: name)
  }

  /// Maps the file behind `descriptor`, which stays open; the caller closes it.
  package init(descriptor: Int32, name: String) throws(CheckpointError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw CheckpointError(file: name, problem: .system(operation: "fstat", code: errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(file: name, problem: .notARegularFile)
    }
    let count = Int(status.st_size)
    if count == 0 {  // mmap refuses empty ranges.
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    } else {
      let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let start, start != MAP_FAILED else {
        throw CheckpointError(file: name, problem: .system(operation: "mmap", code: errno))
      }
      bytes = UnsafeRawBufferPointer(start: start, count: count)
    }
    self.name = name
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// A copy of the content, for small files.
  package func contents() -> [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

  /// Asks the kernel to read the whole file ahead, so that the first request does not wait for the disk.
  package func prefetch() {
    guard let start = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_WILLNEED)
  }

  /// Lets go of the pages that lie wholly within `part`: they count as this process's memory until the kernel needs room.
  /// They are read again when they are touched again.
  ///
  /// - Precondition: `part` lies within ``bytes``.
  package func forget(_ part: UnsafeRawBufferPointer) {
    guard let start = part.baseAddress else { return }
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let first = (UInt(bitPattern: start) + page - 1) / page * page
    let end = (UInt(bitPattern: start) + UInt(part.count)) / page * page
    guard end > first, let address = UnsafeMutableRawPointer(bitPattern: first) else { return }
    madvise(address, Int(end - first), MADV_DONTNEED)
  }

  /// The SHA-256 of the content; reads all of it.
  package func digest() -> SHA256.Digest { withExtendedLifetime(self) { SHA256.digest(of: bytes) } }
}
