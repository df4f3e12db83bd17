import Glibc
import Registry
import TestSupport

/// A directory that disappears with its test.
final class Scratch {
  let path: String

  init() {
    path = "/tmp/registry-tests-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    mkdir(path, 0o700)
  }

  deinit { Self.removeAll(path) }

  private static func removeAll(_ path: String) {
    for name in names(in: path) where unlink("\(path)/\(name)") != 0 { removeAll("\(path)/\(name)") }
    rmdir(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// What a directory contains.
  static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func read(_ path: String) -> [UInt8] {
    let file = open(path, O_RDONLY)
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) {
    chmod(path, 0o600)
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty,
      case let count = rest.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }),
      count > 0
    {
      rest = rest.dropFirst(count)
    }
  }
}

/// 256 bits that depend on all bytes; enough to tell blobs apart, and no cryptography.
struct FakeHash: IncrementalHash {
  private var state: [UInt64] = [1, 2, 3, 4]

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      for lane in state.indices {
        state[lane] = (state[lane] ^ UInt64(byte)) &* (0x100_0000_01b3 &+ UInt64(lane) * 2)
      }
    }
  }

  func hexDigest() -> String {
    state.map { lane in
      let digits = String(lane, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  static func digest(_ bytes: [UInt8]) throws -> BlobDigest {
    var hash = Self()
    bytes.withUnsafeBytes { hash.update($0) }
    return try BlobDigest(hex: hash.hexDigest())
  }
}

func origin(_ milliseconds: Int64, uid: UInt32 = 1000) -> Origin {
  Origin(uid: uid, time: UnixTime(milliseconds: milliseconds))
}

/// A digest of one repeated digit.
func digest(_ digit: Character) throws -> BlobDigest {
  try BlobDigest(hex: String(repeating: digit, count: 64))
}

func installation(_ name: String, _ digit: Character, note: String = "") throws -> Installation {
  Installation(
    model: try ModelName(name), digest: try digest(digit), bytes: 10, architecture: "llama",
    quality: #"{"kl":0.01}"#, note: note)
}
