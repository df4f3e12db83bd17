import FoundationEssentials
import Glibc

/// A folder that goes away with its owner.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/quantd-e2e-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw HarnessError("mkdtemp: \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)  // a client under another uid must reach the socket
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }
}

/// The bytes of a file; empty where it cannot be read.
func contents(_ path: String) -> [UInt8] {
  (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } ?? []
}

func text(_ path: String) -> String { String(decoding: contents(path), as: UTF8.self) }

func names(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

/// Looks every few milliseconds until `isTrue` or the time is over; returns what it saw last.
func eventually(seconds: Double = 10, _ isTrue: () throws -> Bool) throws -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !isTrue() {
    if ContinuousClock.now > end { return false }
    usleep(3000)
  }
  return true
}

/// A file that is open for reading while `body` runs.
func withFile<Result>(_ path: String, _ body: (CInt) throws -> Result) throws -> Result {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw HarnessError("open \(path): \(String(cString: strerror(errno)))") }
  defer { close(descriptor) }
  return try body(descriptor)
}
