import Glibc
import Registry
import Testing

@Suite("Lock of the state directory")
struct StateLockTests {
  private let scratch = Scratch()

  @Test("a second owner is refused with the pid of the first, and taken in when that has gone")
  func excludes() throws {
    do {
      let lock = try StateLock.take(in: scratch.path)
      defer { withExtendedLifetime(lock) {} }
      let error = #expect(throws: RegistryError.self) { _ = try StateLock.take(in: scratch.path) }
      #expect(error == .stateInUse(holder: getpid()))
      #expect(error?.description.contains("pid \(getpid())") == true)
    }
    _ = try StateLock.take(in: scratch.path)
  }

  @Test("a lock file that names nobody still locks")
  func unreadableHolder() throws {
    let lock = try StateLock.take(in: scratch.path)
    defer { withExtendedLifetime(lock) {} }
    Scratch.write(Array("?".utf8), to: scratch.file("lock"))
    #expect(throws: RegistryError.stateInUse(holder: nil)) { _ = try StateLock.take(in: scratch.path) }
  }

  @Test("a missing directory is an error, not a free lock")
  func missingDirectory() {
    #expect(throws: RegistryError.self) { _ = try StateLock.take(in: scratch.file("missing")) }
  }
}
