import Arguments
import FoundationEssentials
import Glibc

/// A pack on its way: it lies in a hidden folder beside its destination, and moves there when it is finished.
///
/// Whatever happens before, an error or Ctrl-C, the folder goes away and the destination stays as it was.
final class UnfinishedPack {
  /// Where to write. The file is named as the destination, because errors name files.
  let path: String
  private let destination: String
  private let folder: String

  /// Makes the folder, so that a place that cannot be written is found before anything is computed.
  ///
  /// - Throws: `UsageError` where the destination is a folder; ``CommandFailure`` where nothing can be written there.
  init(for destination: String) throws {
    self.destination = destination
    var parts = destination.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeLast()
    guard !name.isEmpty, ![".", ".."].contains(name), !Self.isFolder(destination) else {
      throw UsageError("-o is '\(destination)', a folder; name a file")
    }
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    folder = (parts + [".\(name).\(random).tmp"]).joined(separator: "/")
    path = "\(folder)/\(name)"
    guard mkdir(folder, 0o777) == 0 else {
      throw CommandFailure(
        .cannotCreate, "-o is '\(destination)', where nothing can be written: \(Self.reason())")
    }
    Interruption.folder.set(folder)
  }

  deinit {
    Interruption.folder.set(nil)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Moves the file to its destination, in place of a file that was there, and makes that durable.
  func finish() throws(CommandFailure) {
    guard rename(path, destination) == 0 else {
      throw failure()
    }
    let parent = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let place = parent.isEmpty ? (folder.hasPrefix("/") ? "/" : ".") : parent
    let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw failure()
    }
  }

  private func failure() -> CommandFailure {
    CommandFailure(.inputOutput, "\(destination) cannot be written: \(Self.reason())")
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
