import Checkpoints
import Glibc
import TensorCore
import Testing

/// A file without a name, mapped: what a reader sees of `bytes`.
func mapped(_ bytes: [UInt8], name: String = "test.safetensors") throws -> MappedFile {
  var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  #expect(descriptor >= 0)
  defer { close(descriptor) }
  unlink(template)
  #expect(write(descriptor, bytes, bytes.count) == bytes.count)
  return try MappedFile(descriptor: descriptor, name: name)
}

/// A safetensors file with `header` as its JSON and `data` zero bytes.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8
    + [UInt8](repeating: 0, count: data)
}

/// One tensor's header entry.
func entry(_ name: String, _ type: String = "F32", _ shape: String, _ begin: Int, _ end: Int) -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
}

/// What opening `bytes` is refused for; nil where it is not.
func refusal(of bytes: [UInt8]) throws -> CheckpointError.Problem? {
  let file = try mapped(bytes)
  do throws(CheckpointError) {
    _ = try SafetensorsFile(file)
    return nil
  } catch {
    #expect(!error.description.isEmpty)
    return error.problem
  }
}

/// A folder of its own, removed with its last reference.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
    path = try #require(
      template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
  }

  func entries() -> [String] {
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
