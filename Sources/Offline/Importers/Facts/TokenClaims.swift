/// What each file of a source says about the tokens that begin and end texts; ``TokenFacts`` decides between them.
package struct TokenClaims: Sendable, Equatable {
  /// The ids that one file names.
  package struct Claim: Sendable, Equatable {
    package var file: String
    package var ids: [Int]

    package init(file: String, ids: [Int]) {
      self.file = file
      self.ids = ids
    }
  }

  package var begin: [Claim] = []
  package var ends: [Claim] = []
  /// Whether the tokenizer's files name its end token.
  package var namesEndToken = false
  /// The file and the key that tell the tokenizer to put the end token behind every text; nil where none does.
  package var endTokenAdder: String?

  package init() {}

  /// Adds `bos_token_id` and `eos_token_id` of a file; ids are below `vocabulary`.
  mutating func add(_ settings: Settings, vocabulary: Int) throws {
    if let ids = try settings.integers("bos_token_id", in: 0..<vocabulary) {
      begin.append(Claim(file: settings.file, ids: ids))
    }
    if let ids = try settings.integers("eos_token_id", in: 0..<vocabulary) {
      ends.append(Claim(file: settings.file, ids: ids))
    }
  }
}
