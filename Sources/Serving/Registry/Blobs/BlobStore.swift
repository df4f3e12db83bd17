import Glibc

/// The result of an installation.
package struct StoredBlob: Equatable, Sendable {
  package let digest: BlobDigest
  package let bytes: Int64
  /// False if the store had these bytes already.
  package let isNew: Bool
}

/// A directory of blobs that are named after their SHA-256 and never change.
///
/// A blob is copied while it is hashed, so its name is the digest of what was stored, even if a client goes on
/// writing to its own file. It appears complete or not at all, and is read-only. One store may use a directory
/// at a time; calls may come from any thread.
package final class BlobStore: Sendable {
  private let path: String
  let directory: Directory

  private static let temporaryPrefix = ".install-"
  /// Bytes of one read: few enough that progress is told often, enough that system calls cost nothing beside
  /// hashing.
  private static let chunk = 1 << 20

  /// Opens the directory, or creates it in an existing one, and removes what interrupted installations left.
  package init(directory path: String) throws(RegistryError) {
    directory = try Directory.open(path: path)
    self.path = path
    let leftOver = try directory.names().filter { $0.hasPrefix(Self.temporaryPrefix) }
    for name in leftOver { try directory.remove(name) }
  }

  /// Where a blob is, for mapping it.
  ///
  /// - Throws: ``RegistryError/unknownBlob(_:)``
  package func path(of digest: BlobDigest) throws(RegistryError) -> String {
    guard directory.contains(digest.fileName) else { throw .unknownBlob(digest) }
    return "\(path)/\(digest.fileName)"
  }

  /// How many bytes a blob has.
  ///
  /// - Throws: A failure of the file system; one of them is that the blob is not there.
  package func bytes(of digest: BlobDigest) throws(RegistryError) -> Int64 {
    try directory.status(digest.fileName).bytes
  }

  /// When a blob was installed or last moved to quarantine, in seconds since 1970.
  package func installed(_ digest: BlobDigest) throws(RegistryError) -> Int64 {
    try directory.status(digest.fileName).modified
  }

  package func has(_ digest: BlobDigest) -> Bool { directory.contains(digest.fileName) }

  /// The blobs in the store.
  package func digests() throws(RegistryError) -> Set<BlobDigest> {
    Set(try directory.names().compactMap { BlobDigest(fileName: $0) })
  }

  // MARK: Changing

  /// Copies a file into the store.
  ///
  /// The descriptor's position is not used and not changed. Installing the same bytes again replaces the blob
  /// by an equal one, which repairs a damaged blob. Mappings of the old one stay valid.
  ///
  /// - Parameters:
  ///   - descriptor: A regular file, open for reading; stays open.
  ///   - limit: The most bytes to accept.
  ///   - hash: A fresh SHA-256.
  ///   - progress: Called with the bytes copied so far, about once per MiB.
  /// - Throws: ``RegistryError/notAFile``, ``RegistryError/tooLarge(bytes:limit:)`` or a failure of the file
  ///   system; the store is then unchanged.
  package func install(
    from descriptor: Int32, limit: Int64, hash: inout some IncrementalHash,
    progress: (Int64) -> Void = { _ in }
  ) throws(RegistryError) -> StoredBlob {
    try Self.checkSource(descriptor, limit: limit)
    let temporary = Self.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
    let file = try directory.createFile(temporary)
    do {
      let bytes = try Self.copy(descriptor, to: file, limit: limit, hash: &hash, progress: progress)
      try file.seal()
      let digest = try BlobDigest(hex: hash.hexDigest())
      let isNew = !directory.contains(digest.fileName)
      try directory.rename(temporary, to: digest.fileName)
      try directory.synchronize()
      return StoredBlob(digest: digest, bytes: bytes, isNew: isNew)
    } catch {
      try? directory.remove(temporary)  // the first error says more; the next start removes the file
      throw error
    }
  }

  /// Removes a blob. Mappings of it stay valid until they are unmapped.
  ///
  /// - Throws: ``RegistryError/unknownBlob(_:)`` or a failure of the file system.
  package func remove(_ digest: BlobDigest) throws(RegistryError) {
    guard directory.contains(digest.fileName) else { throw .unknownBlob(digest) }
    try directory.remove(digest.fileName)
    try directory.synchronize()
  }

  // MARK: Checking

  /// Reads a blob again and compares its digest with its name.
  ///
  /// - Parameter hash: A fresh SHA-256.
  /// - Throws: ``RegistryError/digestMismatch(expected:found:)``
  package func verify(_ digest: BlobDigest, hash: inout some IncrementalHash) throws(RegistryError) {
    guard directory.contains(digest.fileName) else { throw .unknownBlob(digest) }
    let file = try directory.openFile(digest.fileName)
    try Self.read(file.descriptor) { (bytes, _) throws(RegistryError) in hash.update(bytes) }
    let found = try BlobDigest(hex: hash.hexDigest())
    guard found == digest else { throw .digestMismatch(expected: digest, found: found) }
  }

  // MARK: Copying

  private static func checkSource(_ descriptor: Int32, limit: Int64) throws(RegistryError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Directory.failure("fstat", "the descriptor") }
    // A pipe or a device could block for ever, or never end.
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    guard Int64(status.st_size) <= limit else { throw .tooLarge(bytes: Int64(status.st_size), limit: limit) }
  }

  private static func copy(
    _ descriptor: Int32, to file: borrowing OpenFile, limit: Int64, hash: inout some IncrementalHash,
    progress: (Int64) -> Void
  ) throws(RegistryError) -> Int64 {
    var copied: Int64 = 0
    try read(descriptor) { (bytes, end) throws(RegistryError) in
      // The file may have grown since it was measured.
      guard end <= limit else { throw .tooLarge(bytes: end, limit: limit) }
      hash.update(bytes)
      try file.write(bytes)
      copied = end
      progress(end)
    }
    return copied
  }

  /// Reads a file from its beginning, in pieces; `body` gets each piece and the number of bytes read so far.
  private static func read(
    _ descriptor: Int32, _ body: (UnsafeRawBufferPointer, Int64) throws(RegistryError) -> Void
  ) throws(RegistryError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
    defer { buffer.deallocate() }
    var position: Int64 = 0
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
      if count < 0 {
        if errno == EINTR { continue }
        throw Directory.failure("read", "the descriptor")
      }
      guard count > 0 else { return }
      position += Int64(count)
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), position)
    }
  }
}
