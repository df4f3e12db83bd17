import Glibc

/// A file written beside its destination and renamed over it when complete.
///
/// Order: temporary file in the same directory → write → fsync → rename → fsync of the directory. Before the
/// rename a crash leaves the old file (and a hidden temporary); after it the new one, whose content is on the
/// disk already.
package final class AtomicFile {
  private let path: String
  private let temporary: String
  private let directory: String
  private let name: String
  private var descriptor: Int32

  /// Creates the temporary file; permissions follow the umask.
  package init(path: String) throws(CheckpointError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    name = parts.last.map(String.init) ?? path
    let parent = parts.dropLast().joined(separator: "/")
    directory = parts.count < 2 ? "." : parent.isEmpty ? "/" : parent
    temporary = "\(directory)/.\(name).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
    self.path = path
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failed("create", name) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func failed(_ operation: String, _ name: String) -> CheckpointError {
    CheckpointError(file: name, problem: .system(operation: operation, code: errno))
  }

  /// Appends all of `bytes`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failed("write", name)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes the content durable under its final name.
  package func commit() throws(CheckpointError) {
    guard fsync(descriptor) == 0 else { throw Self.failed("fsync", name) }
    let closing = descriptor
    descriptor = -1
    guard close(closing) == 0 else { throw Self.failed("close", name) }
    guard rename(temporary, path) == 0 else { throw Self.failed("rename", name) }
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.failed("open directory", name) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw Self.failed("fsync directory", name) }
  }

  /// Removes the temporary file after a failure.
  package func abandon() { unlink(temporary) }
}
