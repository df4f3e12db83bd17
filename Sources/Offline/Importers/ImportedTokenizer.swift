import Checkpoints
import Tokenizers

/// Finds the tokenizer that belongs to a language model's checkpoint.
package enum ImportedTokenizer {
  /// - Parameter path: A folder with `tokenizer.json`, or a llama2.c weights file with its tokenizer beside it.
  /// - Returns: nil where there is none.
  /// - Throws: `TokenizerImportError` where a file is there and cannot be used; `CheckpointError` where it cannot be read.
  package static func read(beside path: String) throws -> TokenizerModel? {
    guard path.hasSuffix(".bin") else { return try readFolder(path) }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let candidates = ["tokenizer.bin", "tok512.bin"]
    let found = candidates.lazy.compactMap { bytes("\(folder.isEmpty ? "." : folder)/\($0)") }.first
    return try found.map { try Llama2CTokenizer.read($0) }
  }

  private static func readFolder(_ path: String) throws -> TokenizerModel? {
    guard let json = bytes(path + "/tokenizer.json") else { return nil }
    let configuration = try bytes(path + "/tokenizer_config.json").map {
      try TokenizerConfiguration(parsing: $0)
    }
    return try TokenizerJSON.read(json, configuration: configuration)
  }

  private static func bytes(_ path: String) -> [UInt8]? {
    (try? MappedFile(path: path)).map { Array($0.bytes) }
  }
}
