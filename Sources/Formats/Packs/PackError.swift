import Checkpoints

/// Why a sound safetensors file is not a usable pack.
package enum PackError: Error, Equatable, CustomStringConvertible {
  // The file.
  case notPacked(file: String)
  case unsupportedFormat(file: String, found: String, supported: [String])
  case misaligned(file: String, tensor: String, alignment: Int)
  case badSection(file: String, name: String, reason: String)
  // What its sections say together.
  case missingSection(String)
  case sizesDiffer(String, Int, String, Int)
  case imageSize(found: String, expected: Int)
  case generationDefault(field: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .notPacked(let file):
      "\(file): not a packed model (no quantd.format in its metadata); make one with 'qpack'"
    case .unsupportedFormat(let file, let found, let supported):
      """
      \(file): format version \(quoted(found)) is not read here, only \(supported.joined(separator: ", ")); \
      update quantd or pack the model again
      """
    case .misaligned(let file, let tensor, let alignment):
      "\(file): tensor \(quoted(tensor)) is not aligned to \(alignment) bytes; pack the model again with qpack"
    case .badSection(let file, let name, let reason):
      "\(file): section \(quoted(name)) cannot be read: \(reason)"
    case .missingSection(let name):
      "The pack has no section '\(name)'. It was written by another program or cut short; import the model again."
    case .sizesDiffer(let a, let countA, let b, let countB):
      "The pack has \(countA) \(a), but \(countB) \(b). Its parts come from different models; import the model again."
    case .imageSize(let found, let expected):
      "Preprocessing makes images \(found), but the model takes \(expected)×\(expected). Import the model again."
    case .generationDefault(let field, let found, let expected):
      "The pack's default for \(field) is \(found), expected \(expected). Mend generation_config.json and import again."
    }
  }
}
