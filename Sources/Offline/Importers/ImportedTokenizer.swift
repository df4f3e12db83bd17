import Checkpoints
import Tokenizers

/// Finds the tokenizer that belongs to a language model's checkpoint.
package enum ImportedTokenizer {
  /// - Parameter path: A folder with `tokenizer.json`, or a llama2.c weights file with its tokenizer beside it.
  /// - Returns: nil where there is none.
  /// - Throws: ``ImportError/unreadable(file:reason:)`` where a file is there and cannot be used; `CheckpointError` where it
  ///   cannot be read.
  package static func read(beside path: String) throws -> TokenizerModel? {
    guard path.hasSuffix(".bin") else { return try readFolder(path) }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    for name in ["tokenizer.bin", "tok512.bin"] {
      guard let file = try optionalFile(name, in: folder.isEmpty ? "." : folder) else { continue }
      return try naming(name) { () throws(TokenizerImportError) in try Llama2CTokenizer.read(file.contents())
      }
    }
    return nil
  }

  private static func readFolder(_ path: String) throws -> TokenizerModel? {
    guard let json = try optionalFile("tokenizer.json", in: path) else { return nil }
    let configuration = try optionalFile("tokenizer_config.json", in: path).map { file in
      try naming("tokenizer_config.json") { () throws(TokenizerImportError) in
        try TokenizerConfiguration(parsing: file.contents())
      }
    }
    return try naming("tokenizer.json") { () throws(TokenizerImportError) in
      try TokenizerJSON.read(json.contents(), configuration: configuration)
    }
  }

  /// What `body` reads; its errors name `file`, which is the one to mend.
  private static func naming<Result>(
    _ file: String, _ body: () throws(TokenizerImportError) -> Result
  ) throws(ImportError) -> Result {
    do { return try body() } catch { throw .unreadable(file: file, reason: error.description) }
  }
}
