import Glibc
import Testing

@testable import Transport

@Suite("Unix listener")
struct UnixListenerTests {
  let directory = TemporaryDirectory()

  private func failure(_ body: () throws -> Void) -> ListenError? {
    do {
      try body()
      return nil
    } catch {
      return error as? ListenError
    }
  }

  @Test("the socket has its mode at once and goes with the listener")
  func modeAndRemoval() throws {
    let path = directory["a.sock"]
    do {
      let listener = try UnixListener.bind(path: path, mode: 0o600)
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      #expect(listener.address == path)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test("a socket left over from a crash is replaced")
  func stale() throws {
    let path = directory["stale.sock"]
    try leaveStaleSocket(at: path)
    let listener = try UnixListener.bind(path: path)
    _ = try UnixConnection(path: path)
    withExtendedLifetime(listener) {}
  }

  private func leaveStaleSocket(at path: String) throws {
    let descriptor = FileDescriptor(owning: socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0))
    let bound = try SocketAddress(path).withSockaddr { Glibc.bind(descriptor.number, $0, $1) }
    #expect(bound == 0)
  }

  @Test("a path that another process serves is refused, and its socket lives on")
  func served() throws {
    let path = directory["served.sock"]
    let first = try UnixListener.bind(path: path)
    #expect(failure { _ = try UnixListener.bind(path: path) } == .alreadyServed(path: path))
    unlink(path + ".lock")  // even without the lock, the probe notices
    #expect(failure { _ = try UnixListener.bind(path: path) } == .alreadyServed(path: path))
    _ = try UnixConnection(path: path)
    withExtendedLifetime(first) {}
  }

  @Test("a file that is no socket is left alone")
  func otherFile() {
    let path = directory["file"]
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    #expect(failure { _ = try UnixListener.bind(path: path) } == .notASocket(path: path))
    #expect(access(path, F_OK) == 0)
  }

  @Test("a missing directory is named with errno and what to do")
  func missingDirectory() {
    let text = failure { _ = try UnixListener.bind(path: directory["none/x.sock"]) }?.description ?? ""
    #expect(text.contains("No such file or directory (ENOENT)"))
    #expect(text.contains("create its directory"))
  }

  @Test(
    "a directory without write permission is named with errno", .enabled(if: getuid() != 0, "root may write"))
  func forbiddenDirectory() {
    let text = failure { _ = try UnixListener.bind(path: "/usr/quantd-test.sock") }?.description ?? ""
    #expect(text.contains("Permission denied (EACCES)"))
  }

  @Test("a path too long is refused before anything is created")
  func longPath() {
    let path = directory[String(repeating: "x", count: 120)]
    #expect(
      failure { _ = try UnixListener.bind(path: path) } == .path(.tooLong(path: path, bytes: path.utf8.count))
    )
  }

  @Test("a listening descriptor is adopted, anything else is refused")
  func adoption() throws {
    let listener = try UnixListener.bind(path: directory["adopt.sock"])
    let copy = FileDescriptor(owning: dup(listener.descriptor.number))
    let adopted = try UnixListener.adopt(copy)
    _ = try UnixConnection(path: directory["adopt.sock"])
    withExtendedLifetime(adopted) {}
    let file = FileDescriptor(owning: open("/dev/null", O_RDONLY))
    #expect(failure { _ = try UnixListener.adopt(file) } == .notListening(descriptor: file.number))
  }
}
