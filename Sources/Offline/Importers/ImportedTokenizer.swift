import Checkpoints
import Tokenizers

/// Finds the tokenizer that belongs to a language model's checkpoint.
package enum ImportedTokenizer {
  /// - Parameter path: A folder with `tokenizer.json`, a GGUF file, or a llama2.c weights file with its tokenizer beside it.
  /// - Returns: nil where there is none.
  /// - Throws: ``ImportError/unreadable(file:reason:)`` where a file is there and cannot be used; `CheckpointError` where it
  ///   cannot be read.
  package static func read(beside path: String) throws -> TokenizerModel? {
    if GGUFModel.isLikely(path) { return try readGGUF(path) }
    return path.hasSuffix(".bin") ? try readLlama2c(path) : try readFolder(path)
  }

  private static func readLlama2c(_ path: String) throws -> TokenizerModel? {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    for name in ["tokenizer.bin", "tok512.bin"] {
      guard let file = try optionalFile(name, in: folder.isEmpty ? "." : folder) else { continue }
      return try naming(name) { () throws(TokenizerImportError) in try Llama2CTokenizer.read(file.contents())
      }
    }
    return nil
  }

  /// The vocabulary in the metadata, which the first part of a split model has.
  private static func readGGUF(_ path: String) throws -> TokenizerModel? {
    let parts = try GGUFParts(path: path)
    guard parts.metadata["tokenizer.ggml.tokens"] != nil else { return nil }
    return try naming(parts.name) { () throws(TokenizerImportError) in
      try GGUFVocabulary(parts.metadata).model()
    }
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

  /// The result of `body`, whose errors are turned into errors that name `file`.
  private static func naming<Result>(
    _ file: String, _ body: () throws(TokenizerImportError) -> Result
  ) throws(ImportError) -> Result {
    do { return try body() } catch { throw .unreadable(file: file, reason: error.description) }
  }
}
