import Glibc

/// A directory under /tmp for sockets, removed with everything directly inside it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/quantd-test-unavailable"
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(directory)
    }
    rmdir(path)
  }

  subscript(name: String) -> String { "\(path)/\(name)" }
}
