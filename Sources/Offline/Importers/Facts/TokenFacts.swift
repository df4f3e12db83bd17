import Architectures
import Tokenizers
import Vocabulary

/// The tokens that begin and end texts, resolved once from all that a source says, so that everybody who serves,
/// tokenizes, calibrates or measures the model goes by the same.
///
/// - **Begin**: what `transformers` puts in front of a text. The tokenizer decides whether there is one, and which: its
///   post-processor or `bos_token` goes before a `bos_token_id` of the configuration.
/// - **End**: every token that any file names as an end (`eos_token_id` of config.json and generation_config.json,
///   `eos_token` of tokenizer_config.json), and the tokens that end a turn in the chat template. The last are special
///   tokens of the vocabulary that stand in the template's text under a name that is used for nothing else: models stop
///   their turn with them whether or not a file says so, and llama.cpp ends there too.
struct TokenFacts: Equatable {
  private(set) var begin: TokenID?
  /// Without repetition, in the order in which they were found.
  private(set) var ends: [TokenID] = []
  /// Contradictions between the files.
  private(set) var notes: [String] = []

  init(_ claims: TokenClaims, _ tokenizer: TokenizerModel, template: String?) {
    findBegin(claims, tokenizer.header)
    for claim in claims.ends { add(claim.ids.map { TokenID(Int32($0)) }) }
    noteEnds(claims)
    if let end = tokenizer.header.end, claims.namesEndToken || ends.isEmpty { add([end]) }
    add(Self.turnEnds(tokenizer, template))
    if claims.addsEndToken {
      notes.append(
        "tokenizer_config.json: 'add_eos_token' is true; no end token is put behind prompts, which would end them"
      )
    }
  }

  private mutating func add(_ tokens: [TokenID]) {
    for token in tokens where !ends.contains(token) { ends.append(token) }
  }

  private mutating func findBegin(_ claims: TokenClaims, _ header: TokenizerHeader) {
    let said = claims.begin.compactMap { claim in claim.ids.first.map { (claim.file, TokenID(Int32($0))) } }
    begin = header.begin ?? said.first?.1
    for (file, id) in said where id != begin {
      notes.append(
        "\(file): 'bos_token_id' is \(id), but the tokenizer begins texts with \(begin ?? id), which is used")
    }
  }

  /// Files that differ are joined; files that have nothing in common deserve a word.
  private mutating func noteEnds(_ claims: TokenClaims) {
    guard let first = claims.ends.first else { return }
    for other in claims.ends.dropFirst() where Set(first.ids).isDisjoint(with: other.ids) {
      notes.append(
        """
        \(first.file) and \(other.file) name different end tokens (\(Self.list(first.ids)); \(Self.list(other.ids))); \
        all of them end an answer
        """)
    }
  }

  private static func list(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: ", ") }

  /// Special tokens that end a turn in `template`.
  private static func turnEnds(_ tokenizer: TokenizerModel, _ template: String?) -> [TokenID] {
    guard let template else { return [] }
    let mentioned = turnEndNames.filter { template.contains($0) }
    guard !mentioned.isEmpty else { return [] }
    let literals = Set(mentioned.map { Array($0.utf8) })
    return (0..<tokenizer.count).filter {
      tokenizer.types[$0] == .control && literals.contains(Array(tokenizer.piece($0)))
    }.map { TokenID(Int32($0)) }
  }

  /// What model families call the token behind an assistant's turn.
  private static let turnEndNames = [
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
    "<end_of_utterance>", "<|eot|>", "<EOT>", "[EOT]",
  ]
}
