import Glibc
import Transport

/// A file named on the command line, or standard input for `-`.
struct InputFile {
  let name: String
  let descriptor: FileDescriptor

  /// - Throws: ``ClientFailure/file(_:)`` with the path and errno.
  init(_ name: String, standardInput: CInt) throws(ClientFailure) {
    self.name = name
    let number = name == "-" ? dup(standardInput) : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard number >= 0 else { throw .file(SystemFailure("open", name == "-" ? "standard input" : name)) }
    descriptor = FileDescriptor(owning: number)
    var status = stat()
    if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw .file(SystemFailure("read", name, code: EISDIR))
    }
  }

  /// Whether the daemon can map the file itself, so that its descriptor is all that must be sent.
  var isRegular: Bool {
    var status = stat()
    return fstat(descriptor.number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// All bytes, at most `limit`.
  func contents(limit: Int) throws(ClientFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor.number, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file(SystemFailure("read", name)) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw .badInput(
          "\(name) has more than \(limit) bytes; give it as a regular file, which has no such limit")
      }
    }
  }
}
