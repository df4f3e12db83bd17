/// What a GGUF file's metadata says about its tokenizer.
struct GGUFTokenizerFields: Sendable {
  /// `tokenizer.ggml.model`: "llama" (sentencepiece BPE), "gpt2" (byte-level BPE), "bert" (WordPiece) and others.
  var kind = ""
  /// `tokenizer.ggml.pre`: the name of the pattern that cuts words.
  var pattern = ""
  /// `general.name`.
  var modelName = ""
  var tokens: [[UInt8]] = []
  var scores: [Float] = []
  /// GGUF's numbers; see `TokenizerModel.PieceType`.
  var types: [Int32] = []
  /// "left right", first merge first.
  var merges: [[UInt8]] = []
  /// By what follows `tokenizer.ggml.`.
  var ids: [String: UInt64] = [:]
  var flags: [String: Bool] = [:]

  private static let prefix = "tokenizer.ggml."

  mutating func read(
    _ key: String, _ type: UInt32, _ reader: inout LittleEndianReader
  ) throws(TokenizerImportError) {
    let name = key.hasPrefix(Self.prefix) ? String(key.dropFirst(Self.prefix.count)) : ""
    switch (name, type) {
    case ("model", GGUFType.string): kind = String(decoding: try reader.string(key), as: UTF8.self)
    case ("pre", GGUFType.string): pattern = String(decoding: try reader.string(key), as: UTF8.self)
    case ("tokens", GGUFType.array): tokens = try reader.strings(key)
    case ("merges", GGUFType.array): merges = try reader.strings(key)
    case ("scores", GGUFType.array):
      scores = try reader.words(key, type: GGUFType.float32).map(Float.init(bitPattern:))
    case ("token_type", GGUFType.array):
      types = try reader.words(key, type: GGUFType.int32).map(Int32.init(bitPattern:))
    case (_, GGUFType.uint32) where !name.isEmpty: ids[name] = UInt64(try reader.read(key, as: UInt32.self))
    case (_, GGUFType.bool) where !name.isEmpty: flags[name] = try reader.read(key, as: UInt8.self) != 0
    case (_, GGUFType.string) where key == "general.name":
      modelName = String(decoding: try reader.string(key), as: UTF8.self)
    default: try reader.skipValue(type, key, depth: 0)
    }
  }
}
