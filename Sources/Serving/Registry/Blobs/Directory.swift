import Glibc

/// An open directory: files in it are reached through its descriptor, so that a path is resolved once.
struct Directory: ~Copyable, Sendable {
  private let descriptor: Int32
  /// The directory's own name, for errors.
  let name: String

  deinit { close(descriptor) }

  /// Opens a directory, and creates it first if it is missing; its parent must exist.
  static func open(path: String) throws(RegistryError) -> Directory {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw failure("mkdir", name) }
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", name) }
    return Directory(descriptor: descriptor, name: name)
  }

  static func failure(_ operation: String, _ file: String) -> RegistryError {
    .system(operation: operation, file: file, code: errno)
  }

  /// Opens a file for reading; a symbolic link is an error.
  borrowing func openFile(_ file: String) throws(RegistryError) -> OpenFile {
    let opened = openat(descriptor, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else { throw Self.failure("open", file) }
    return OpenFile(descriptor: opened, name: file)
  }

  /// Creates a file that must not exist yet.
  borrowing func createFile(_ file: String) throws(RegistryError) -> OpenFile {
    let opened = openat(descriptor, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw Self.failure("create", file) }
    return OpenFile(descriptor: opened, name: file)
  }

  borrowing func contains(_ file: String) -> Bool {
    faccessat(descriptor, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Replaces `new` by `old` atomically.
  borrowing func rename(_ old: String, to new: String) throws(RegistryError) {
    guard renameat(descriptor, old, descriptor, new) == 0 else { throw Self.failure("rename", new) }
  }

  borrowing func remove(_ file: String) throws(RegistryError) {
    guard unlinkat(descriptor, file, 0) == 0 else { throw Self.failure("unlink", file) }
  }

  /// Makes a directory inside this one where it is missing.
  borrowing func makeDirectory(_ inner: String) throws(RegistryError) {
    guard mkdirat(descriptor, inner, 0o750) == 0 || errno == EEXIST else {
      throw Self.failure("mkdir", inner)
    }
  }

  /// Sets a file's time of modification to now.
  borrowing func touch(_ file: String) throws(RegistryError) {
    guard utimensat(descriptor, file, nil, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw Self.failure("utimensat", file)
    }
  }

  /// How many bytes a file has, and when it was last modified, in seconds since 1970.
  borrowing func status(_ file: String) throws(RegistryError) -> (bytes: Int64, modified: Int64) {
    var status = stat()
    guard fstatat(descriptor, file, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw Self.failure("stat", file)
    }
    return (Int64(status.st_size), Int64(status.st_mtim.tv_sec))
  }

  /// Makes renames and removals durable.
  borrowing func synchronize() throws(RegistryError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("fsync", name) }
  }

  /// The names in the directory or in one inside it, in no particular order.
  borrowing func names(in inner: String = ".") throws(RegistryError) -> [String] {
    // A descriptor of its own, because closing the stream closes it, and reading moves its position.
    let reading = openat(descriptor, inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard reading >= 0 else { throw Self.failure("open", name) }
    guard let stream = fdopendir(reading) else {
      close(reading)
      throw Self.failure("fdopendir", name)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }
}

/// An open file; closed when it ends.
struct OpenFile: ~Copyable {
  let descriptor: Int32
  private let name: String

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit { close(descriptor) }

  borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(RegistryError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Directory.failure("write", name)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes the contents durable, and the file read-only.
  borrowing func seal() throws(RegistryError) {
    guard fchmod(descriptor, 0o440) == 0 else { throw Directory.failure("chmod", name) }
    guard fsync(descriptor) == 0 else { throw Directory.failure("fsync", name) }
  }
}
