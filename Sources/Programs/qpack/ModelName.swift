import Arguments
import Glibc
import Vocabulary

/// The names that models have: lower-case letters, digits, `.`, `_` and `-`, at most 64.
enum ModelName {
  static func checked(_ name: String?) throws(UsageError) -> String? {
    guard let name else { return nil }
    guard ModelReference.isName(name) else {
      throw UsageError("--name is '\(name.oneLine)', but must match [a-z0-9][a-z0-9._-]{0,63}")
    }
    return name
  }

  /// The source's last path component, in the letters that names have.
  static func usual(for path: String) -> String {
    // "." and "models/.." have a name too.
    let whole = realpath(path, nil)
    defer { free(whole) }
    let last =
      whole.map { String(cString: $0) }.flatMap { $0.split(separator: "/").last.map(String.init) } ?? path
    let endings = [".bin", ".gguf", ".safetensors"]
    let stem = endings.first { last.hasSuffix($0) }.map { String(last.dropLast($0.count)) } ?? last
    let letters = stem.lowercased().map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-"
    }
    let name = String(letters.drop { !$0.isLetter && !$0.isNumber }.prefix(64))
    return ModelReference.isName(name) ? name : "model"
  }
}
