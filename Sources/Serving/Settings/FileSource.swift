import Glibc

/// Where configuration files are read: the file system, or a dictionary in tests.
package struct FileSource: Sendable {
  /// The text of a file, or nil when there is none.
  package let read: @Sendable (_ path: String) throws(ConfigurationError) -> String?
  /// The names in a folder, in any order; empty when there is none.
  package let list: @Sendable (_ path: String) -> [String]

  package init(
    read: @escaping @Sendable (String) throws(ConfigurationError) -> String?,
    list: @escaping @Sendable (String) -> [String]
  ) {
    self.read = read
    self.list = list
  }

  /// The real files of the machine.
  package static let system = FileSource(read: readText, list: names)

  /// The most bytes of a file: far more than any configuration has, so that a device or a log that was named by
  /// mistake is an error instead of being read for ever.
  static let sizeLimit = 1 << 20
}

@Sendable
private func readText(_ path: String) throws(ConfigurationError) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    if count == 0 { break }
    bytes.append(contentsOf: chunk[..<count])
    guard bytes.count <= FileSource.sizeLimit else {
      throw .unreadable(path: path, reason: "it is larger than \(FileSource.sizeLimit) bytes")
    }
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw .unreadable(path: path, reason: "it is not UTF-8 text")
  }
  return text
}

@Sendable
private func names(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var found: [String] = []
  while let entry = readdir(folder) {
    found.append(
      withUnsafeBytes(of: &entry.pointee.d_name) { name in
        String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
      })
  }
  return found
}
