import FoundationEssentials
import Glibc

/// A temporary folder for daemons, one after the other: their socket and state, and links to the packs that they install.
final class DaemonFolder {
  let path: String

  /// - Parameter packs: Paths of the packs.
  init(packs: [String]) throws {
    path = "\(FileManager.default.temporaryDirectory.path)/quantbench-serve-\(getpid())"
    try FileManager.default.createDirectory(atPath: path + "/models", withIntermediateDirectories: true)
    for pack in packs {
      let name = pack.split(separator: "/").last ?? ""
      // Resolved, because a relative link would start at the new folder.
      guard let target = realpath(pack, nil) else { throw ProcessError.badFile(pack, code: errno) }
      defer { free(target) }
      symlink(target, "\(path)/models/\(name)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
