import Tokenizers
import Vocabulary

/// llama2.c's `tokenizer.bin` / `tok512.bin`: scored pieces with ids in file order.
///
///     offset 0   int32    bytes of the longest piece
///     then, for each piece
///            +0  float32  score
///            +4  int32    bytes n
///            +8  n bytes  the piece; a space stands for ▁
///
/// Ids 0, 1 and 2 are the unknown, begin and end tokens, 3 to 258 the bytes `<0x00>` to `<0xFF>`.
package enum Llama2CTokenizer {
  /// Reads a whole file. Its begin and end tokens, which llama2.c spells "\n<s>\n" and "\n</s>\n" for
  /// printing, become `<s>` and `</s>`.
  ///
  /// - Throws: ``TokenizerImportError``; the result is a model that `Tokenizer` accepts.
  package static func read(_ bytes: [UInt8]) throws(TokenizerImportError) -> TokenizerModel {
    let result: Result<TokenizerModel, TokenizerImportError> = bytes.withUnsafeBytes { raw in
      do throws(TokenizerImportError) { return .success(try read(raw)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func read(_ bytes: UnsafeRawBufferPointer) throws(TokenizerImportError) -> TokenizerModel {
    var reader = LittleEndianReader(bytes)
    let longest = try reader.read("longest piece", as: Int32.self)
    var vocabulary = ImportedPieces(pieces: [], types: [])
    var scores: [Float] = []
    while reader.remaining > 0 {
      scores.append(try reader.float("score of piece \(scores.count)"))
      let length = try reader.read("length of piece \(scores.count - 1)", as: Int32.self)
      guard length >= 0, length <= longest else {
        throw .unexpected(
          field: "length of piece \(scores.count - 1)", found: "\(length)", expected: "0 to \(longest)")
      }
      let piece = try reader.bytes(UInt64(length), "piece \(scores.count - 1)")
      vocabulary.pieces.append(piece.flatMap { $0 == UInt8(ascii: " ") ? metaspace : [$0] })
      vocabulary.types.append(.normal)
    }
    guard vocabulary.pieces.count >= 259 else {
      throw .unexpected(
        field: "number of pieces", found: "\(vocabulary.pieces.count)", expected: "at least 259")
    }
    for (id, special) in [(0, "<unk>"), (1, "<s>"), (2, "</s>")] {
      vocabulary.pieces[id] = Array(special.utf8)
      vocabulary.types[id] = id == 0 ? .unknown : .control
    }
    vocabulary.markBytePieces()
    let header = TokenizerHeader(
      kind: .spmBPE, leadingSpace: .everySegment, addsBeginToken: true, unknown: TokenID(0),
      begin: TokenID(1),
      end: TokenID(2))
    return try TokenizerModel(
      header: header, pieces: vocabulary.pieces, types: vocabulary.types, merging: .scores(scores)
    ).checked()
  }
}

/// ▁, which stands for a space in sentencepiece vocabularies.
let metaspace: [UInt8] = [0xe2, 0x96, 0x81]
