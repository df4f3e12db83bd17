import Architectures
import Tokenizers

/// A tokenizer cut to the rows that a model's embedding has.
///
/// Published checkpoints have added tokens that lie behind the embedding (CodeLlama's are the best known): their trainer
/// never resized it. Such a token can only fail, so it is left out, and its literal is text like any other. A piece of
/// the vocabulary proper without a row means that the files are of different models.
package struct FittedTokenizer {
  package let model: TokenizerModel
  /// The added tokens that were left out, in the order of their ids.
  package let leftOut: [String]

  /// - Throws: ``ImportError/morePiecesThanRows(tokenizer:pieces:configuration:vocabulary:)``, also where the begin, end
  ///   or unknown token has no row.
  package init(_ tokenizer: TokenizerModel, to imported: ImportedModel) throws(ImportError) {
    guard let rows = imported.configuration.tensorTable.find(.embedding)?.outputs, tokenizer.count > rows
    else {
      (model, leftOut) = (tokenizer, [])
      return
    }
    guard let model = Self.cut(tokenizer, to: rows) else {
      throw .morePiecesThanRows(
        tokenizer: imported.tokenizerFile, pieces: tokenizer.count, configuration: imported.configurationFile,
        vocabulary: rows)
    }
    self.model = model
    leftOut = (rows..<tokenizer.count).map { String(decoding: tokenizer.piece($0), as: UTF8.self) }
  }

  /// The first `rows` pieces; nil where the others are more than literals that nothing refers to.
  private static func cut(_ tokenizer: TokenizerModel, to rows: Int) -> TokenizerModel? {
    let added = tokenizer.types[rows...].allSatisfy { $0 == .control || $0 == .userDefined }
    var merging = tokenizer.merging
    switch merging {
    case .ranked: break
    case .logProbabilities(let values): merging = .logProbabilities(Array(values.prefix(rows)))
    case .scores: return nil
    }
    guard added else { return nil }
    var header = tokenizer.header
    header.addedTokens.removeAll { $0.id.index >= rows }
    header.labels = header.labels.filter { $0.value.index < rows }
    let model = TokenizerModel(
      header: header, pieces: (0..<rows).map { Array(tokenizer.piece($0)) },
      types: Array(tokenizer.types[..<rows]), merging: merging)
    // Finds a merge or a special token whose piece is gone.
    return try? model.checked()
  }
}
