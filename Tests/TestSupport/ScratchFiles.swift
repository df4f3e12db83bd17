import Glibc

/// A temporary file or folder could not be made.
package struct ScratchFileError: Error {
  package let code: Int32
}

/// Calls `body` with a descriptor of a file without a name that holds `bytes`, and closes it.
package func withUnnamedFile<Result>(_ bytes: [UInt8], _ body: (Int32) throws -> Result) throws -> Result {
  var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  guard descriptor >= 0 else { throw ScratchFileError(code: errno) }
  defer { close(descriptor) }
  unlink(template)
  guard write(descriptor, bytes, bytes.count) == bytes.count else { throw ScratchFileError(code: errno) }
  return try body(descriptor)
}

/// A safetensors file with `header` as its JSON and `data` zero bytes.
package func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8
    + [UInt8](repeating: 0, count: data)
}

/// One tensor's header entry.
package func entry(_ name: String, _ type: String = "F32", _ shape: String, _ begin: Int, _ end: Int)
  -> String
{
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
}

/// A folder of its own, removed with its last reference.
package final class ScratchFolder {
  package let path: String

  package init() throws {
    var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    guard let made else { throw ScratchFileError(code: errno) }
    path = String(cString: made)
  }

  package func entries() -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  deinit {
    for name in entries() { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
