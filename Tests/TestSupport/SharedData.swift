#if canImport(Glibc)
  import Glibc
#endif

/// Real checkpoints, images and texts for tests, in `../shared/data` beside the checkout (or `QUANTD_TEST_DATA`).
///
/// A user's clone has no such folder: tests that need it say `.enabled(if: SharedData.available, …)` and are
/// reported as skipped.
package enum SharedData {
  package static let root: String = {
    if let set = getenv("QUANTD_TEST_DATA") { return String(cString: set) }
    return "\(repositoryRoot)/../shared/data"
  }()

  /// The checkout's root folder, found from this source file.
  package static let repositoryRoot: String = {
    var parts = #filePath.split(separator: "/")
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Where `QUANTD_TEST_DATA` names a folder its tests run, and fail if it is not what they need; where it is set to
  /// nothing, they are skipped.
  package static let available =
    getenv("QUANTD_TEST_DATA") != nil
    ? !root.isEmpty : access(root + "/models/cifar10-vit-tiny/config.json", R_OK) == 0

  package static func path(_ relative: String) -> String { root + "/" + relative }

  /// SmolLM2-135M-Instruct as `make smollm2` fetches it: in the data folder or the user's cache; nil where it is in neither.
  package static let smolLM2: String? = {
    let file = "SmolLM2-135M-Instruct.Q4_1.gguf"
    let cache =
      getenv("XDG_CACHE_HOME").map { String(cString: $0) }
      ?? getenv("HOME").map { String(cString: $0) + "/.cache" }
    return [path("models-other/\(file)"), cache.map { "\($0)/quantd/\(file)" }].compactMap(\.self).first {
      access($0, R_OK) == 0
    }
  }()
}
