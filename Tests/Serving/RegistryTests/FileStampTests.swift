import Glibc
import Registry
import Testing

@Suite("Digests of files")
struct FileStampTests {
  private let scratch = Scratch()
  private var path: String { scratch.file("pack") }

  private func stamp() throws -> FileStamp {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    return try FileStamp(descriptor: descriptor)
  }

  @Test("a digest is known while the file looks the same, and forgotten with any change")
  func changes() throws {
    let registry = try ModelRegistry(path: scratch.file("registry.db"))
    Scratch.write([1, 2, 3], to: path)
    sleep(3)  // a younger file proves nothing
    let before = try stamp()
    #expect(before.isSettled)
    try registry.note(digest("a"), of: before)
    #expect(try registry.digest(of: stamp()) == digest("a"))
    #expect(try ModelRegistry(path: scratch.file("registry.db")).digest(of: stamp()) == digest("a"))
    let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    Scratch.write([3, 2, 1], to: path)
    utimensat(AT_FDCWD, path, times, 0)
    let after = try stamp()
    #expect(after.size == before.size && after.inode == before.inode)
    #expect(try registry.digest(of: after) == nil)
  }

  @Test("a file that was just written is not noted: the next write might not show")
  func unsettled() throws {
    let registry = try ModelRegistry(path: scratch.file("registry.db"))
    Scratch.write([1, 2, 3], to: path)
    let stamp = try stamp()
    #expect(!stamp.isSettled)
    try registry.note(digest("a"), of: stamp)
    #expect(try registry.digest(of: stamp) == nil)
  }
}
