import FoundationEssentials
import Glibc
import TestSupport
import WireProtocol

/// A copy of a state directory, to damage.
final class StateCopy {
  struct Version: Equatable {
    let name: String
    let version: Int
    let labels: [String]
  }

  /// What an undamaged copy serves.
  static let expected = [
    Version(name: "image", version: 1, labels: ["stable"]), Version(name: "story", version: 1, labels: []),
    Version(name: "story", version: 2, labels: ["stable"]),
  ]

  let folder: StateFolder
  /// Whether no blob was cut or removed.
  var hasAllBlobs: Bool { blobs() == whole }
  private var whole: [String: Int] = [:]
  private static let files = ["registry.db", "registry.db-wal", "registry.db-shm", "registry.db.backup"]

  init(of original: StateFolder) throws {
    folder = try StateFolder()
    let manager = FileManager.default
    try manager.copyItem(atPath: original.path + "/blobs", toPath: folder.path + "/blobs")
    for name in Self.files where manager.fileExists(atPath: "\(original.path)/\(name)") {
      try manager.copyItem(atPath: "\(original.path)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    whole = blobs()
  }

  /// The names of all blobs, wherever they lie, with their sizes.
  func blobs() -> [String: Int] {
    var found: [String: Int] = [:]
    for place in ["blobs", "blobs/quarantine"] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(place)")) ?? []
      where name.hasPrefix("sha256-") { found[name] = Self.size("\(folder.path)/\(place)/\(name)") }
    }
    return found
  }

  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
  }

  /// Does one to three things to the directory.
  ///
  /// - Returns: What was done.
  func damage(_ random: inout SeededGenerator) throws -> [String] {
    let names = Self.files.filter { Self.size("\(folder.path)/\($0)") > 0 } + ["blob"]
    return try (0..<Int.random(in: 1...3, using: &random)).map { _ in
      let name = names.randomElement(using: &random) ?? "blob"
      return try name == "blob" ? damageBlob(&random) : damageFile(name, &random)
    }
  }

  private func damageFile(_ name: String, _ random: inout SeededGenerator) throws -> String {
    let path = "\(folder.path)/\(name)"
    guard case let size = Self.size(path), size > 0 else { return "nothing" }
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
      unlink(path)
      return "no \(name)"
    case 1:
      let length = Int.random(in: 0..<size, using: &random)
      truncate(path, off_t(length))
      return "\(name) cut to \(length)"
    case 2:
      let (start, count) = (
        Int.random(in: 0..<size, using: &random), Int.random(in: 1...4096, using: &random)
      )
      try overwrite(path, start..<min(size, start + count)) { _ in UInt8.random(in: 0...255, using: &random) }
      return "\(name) overwritten from \(start)"
    default:
      let place = Int.random(in: 0..<size, using: &random)
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      try overwrite(path, place..<place + 1) { $0 ^ bit }
      return "\(name) flipped at \(place)"
    }
  }

  private func overwrite(_ path: String, _ range: Range<Int>, _ change: (UInt8) -> UInt8) throws {
    let file = open(path, O_RDWR)
    guard file >= 0 else { throw POSIXFailure(code: errno) }
    defer { close(file) }
    for place in range {
      var byte: UInt8 = 0
      guard pread(file, &byte, 1, off_t(place)) == 1 else { throw POSIXFailure(code: errno) }
      byte = change(byte)
      guard pwrite(file, &byte, 1, off_t(place)) == 1 else { throw POSIXFailure(code: errno) }
    }
  }

  private func damageBlob(_ random: inout SeededGenerator) throws -> String {
    let path = folder.path + "/blobs/"
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    guard let name = names.filter({ $0.hasPrefix("sha256-") }).randomElement(using: &random) else {
      return "no blob left"
    }
    if Bool.random(using: &random) {
      unlink(path + name)
      return "no \(name)"
    }
    chmod(path + name, 0o600)
    truncate(path + name, off_t(Int.random(in: 0..<max(1, Self.size(path + name)), using: &random)))
    return "\(name) cut"
  }
}
