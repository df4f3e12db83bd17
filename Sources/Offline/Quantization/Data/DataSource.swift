import Checkpoints

/// Where data to calibrate or measure with comes from.
package enum DataSource: Sendable {
  case file(String)
  case builtIn(BuiltInText)

  /// SHA-256 of the data; nil for a folder.
  var digest: String? {
    switch self {
    case .file(let path): (try? MappedFile(path: path))?.digest().description
    case .builtIn(let text): SHA256.digest(of: Array(text.text.utf8)).description
    }
  }
}

/// Data that has been read, with what a record says about it.
package struct ReadData {
  package let data: ModelData
  package let digest: String?
  /// Whether nobody named it.
  package let isBuiltIn: Bool
}
