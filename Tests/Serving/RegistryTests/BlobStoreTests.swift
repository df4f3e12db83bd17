import Glibc
import Registry
import TestSupport
import Testing

@Suite("Blob store")
struct BlobStoreTests {
  private let scratch = Scratch()
  private var path: String { scratch.file("blobs") }

  private func install(
    _ bytes: [UInt8], into store: BlobStore, limit: Int64 = 1 << 30
  ) throws -> StoredBlob {
    Scratch.write(bytes, to: scratch.file("source"))
    let descriptor = open(scratch.file("source"), O_RDONLY)
    defer { close(descriptor) }
    var hash = FakeHash()
    return try store.install(from: descriptor, limit: limit, hash: &hash)
  }

  @Test("stores bytes under their digest, read-only", arguments: [0, 1, 4096, (1 << 20) - 1, (2 << 20) + 17])
  func stores(count: Int) throws {
    var random = SeededGenerator()
    let bytes = random.uint8s(count)
    let store = try BlobStore(directory: path)
    let stored = try install(bytes, into: store)
    let digest = stored.digest
    #expect(try digest == FakeHash.digest(bytes) && stored.bytes == Int64(count) && stored.isNew)
    #expect(Scratch.names(in: path) == ["sha256-\(digest)"])
    let file = try BlobStore(directory: path).path(of: digest)
    #expect(Scratch.read(file) == bytes)
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o440)
    #expect(try store.digests() == [digest])
    var hash = FakeHash()
    try store.verify(digest, hash: &hash)
  }

  @Test("reads from the beginning, wherever the client's descriptor stands")
  func ignoresPosition() throws {
    let store = try BlobStore(directory: path)
    Scratch.write(Array("0123456789".utf8), to: scratch.file("source"))
    let descriptor = open(scratch.file("source"), O_RDONLY)
    defer { close(descriptor) }
    lseek(descriptor, 5, SEEK_SET)
    var hash = FakeHash()
    #expect(try store.install(from: descriptor, limit: 100, hash: &hash).bytes == 10)
    #expect(lseek(descriptor, 0, SEEK_CUR) == 5)
  }

  @Test("refuses a file above the limit and leaves nothing behind")
  func tooLarge() throws {
    let store = try BlobStore(directory: path)
    #expect(throws: RegistryError.tooLarge(bytes: 101, limit: 100)) {
      try install([UInt8](repeating: 1, count: 101), into: store, limit: 100)
    }
    #expect(try install([UInt8](repeating: 1, count: 100), into: store, limit: 100).bytes == 100)
    #expect(Scratch.names(in: path).count == 1)
  }

  @Test("refuses a pipe, which could block for ever")
  func refusesPipe() throws {
    let store = try BlobStore(directory: path)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    var hash = FakeHash()
    #expect(throws: RegistryError.notAFile) { try store.install(from: ends[0], limit: 100, hash: &hash) }
  }

  @Test("says why a descriptor cannot be read, and leaves nothing behind")
  func unreadable() throws {
    let store = try BlobStore(directory: path)
    let descriptor = open(scratch.file("writable"), O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    var hash = FakeHash()
    #expect(throws: RegistryError.system(operation: "read", file: "the descriptor", code: EBADF)) {
      try store.install(from: descriptor, limit: 100, hash: &hash)
    }
    #expect(Scratch.names(in: path).isEmpty)
  }

  @Test("removes what an interrupted installation left, and nothing else")
  func cleansUp() throws {
    let kept = try install([1, 2, 3], into: BlobStore(directory: path)).digest
    Scratch.write([1], to: path + "/.install-abc")
    Scratch.write([1], to: path + "/README")
    let store = try BlobStore(directory: path)
    #expect(Scratch.names(in: path) == ["README", "sha256-\(kept)"])
    #expect(try store.digests() == [kept])
  }

  @Test("finds bytes that changed on the disk, and heals them by installing again")
  func verifies() throws {
    let store = try BlobStore(directory: path)
    let digest = try install([1, 2, 3], into: store).digest
    let file = try store.path(of: digest)
    Scratch.write([1, 2, 4], to: file)
    let found = try FakeHash.digest([1, 2, 4])
    var hash = FakeHash()
    #expect(throws: RegistryError.digestMismatch(expected: digest, found: found)) {
      try store.verify(digest, hash: &hash)
    }
    _ = try install([1, 2, 3], into: store)
    hash = FakeHash()
    try store.verify(digest, hash: &hash)
  }

  @Test("does not follow a symbolic link in place of a blob")
  func symbolicLink() throws {
    let store = try BlobStore(directory: path)
    let digest = try FakeHash.digest([9])
    Scratch.write([9], to: scratch.file("secret"))
    symlink(scratch.file("secret"), "\(path)/sha256-\(digest)")
    var hash = FakeHash()
    #expect(throws: RegistryError.system(operation: "open", file: "sha256-\(digest)", code: ELOOP)) {
      try store.verify(digest, hash: &hash)
    }
  }

  @Test("a removed blob is gone, and a missing one is named")
  func removes() throws {
    let store = try BlobStore(directory: path)
    let digest = try install([1], into: store).digest
    try store.remove(digest)
    #expect(Scratch.names(in: path).isEmpty)
    #expect(throws: RegistryError.unknownBlob(digest)) { try store.remove(digest) }
    #expect(throws: RegistryError.unknownBlob(digest)) { try store.path(of: digest) }
  }
}
