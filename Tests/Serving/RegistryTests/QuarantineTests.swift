import Glibc
import Registry
import Testing

@Suite("Quarantine of blobs")
struct QuarantineTests {
  private let scratch = Scratch()
  private var path: String { scratch.file("blobs") }

  private func storeWithBlob() throws -> (BlobStore, BlobDigest) {
    let store = try BlobStore(directory: path)
    Scratch.write(Array("0123456789".utf8), to: scratch.file("source"))
    let descriptor = open(scratch.file("source"), O_RDONLY)
    defer { close(descriptor) }
    var hash = FakeHash()
    return (store, try store.install(from: descriptor, limit: 100, hash: &hash).digest)
  }

  @Test("a blob that was set aside comes back with its bytes")
  func release() throws {
    let (store, digest) = try storeWithBlob()
    try store.setAside(digest)
    #expect(try store.digests().isEmpty && store.setAsideDigests() == [digest])
    #expect(throws: RegistryError.unknownBlob(digest)) { try store.path(of: digest) }
    #expect(try BlobStore(directory: path).release(digest))
    #expect(try Scratch.read(store.path(of: digest)) == Array("0123456789".utf8))
    #expect(try !store.release(digest), "it is not there any more")
  }

  @Test("only what has been there for longer than the grace time is deleted")
  func expires() throws {
    let (store, digest) = try storeWithBlob()
    // The grace time counts from the move, however old the blob is.
    var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
    #expect(utimes(try store.path(of: digest), &times) == 0)
    try store.setAside(digest)
    #expect(try store.expire().isEmpty)
    #expect(utimes("\(path)/quarantine/sha256-\(digest)", &times) == 0)
    #expect(try store.expire() == [digest])
    #expect(try store.setAsideDigests().isEmpty)
  }

  @Test("installing the bytes of a blob in quarantine stores them anew")
  func installsBeside() throws {
    let (store, digest) = try storeWithBlob()
    try store.setAside(digest)
    let (again, same) = try storeWithBlob()
    #expect(same == digest && again.has(digest))
    try again.setAside(digest)
    #expect(try again.setAsideDigests() == [digest])
  }
}
