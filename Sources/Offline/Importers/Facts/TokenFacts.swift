import Architectures
import Tokenizers
import Vocabulary

/// The tokens that begin and end texts, found once from everything that a source says.
///
/// Serving, tokenizing, calibrating and measuring all use the result, and so cannot differ.
///
/// - **Begin**: the token that `transformers` puts before a text. The tokenizer's post-processor or `bos_token` decides
///   whether there is one, and which; only where both say nothing does `bos_token_id` of the configuration.
/// - **End**: every token that any file names as an end (`eos_token_id` of config.json and generation_config.json,
///   `eos_token` of tokenizer_config.json), and the tokens that end a turn in the chat template. The latter are
///   special tokens that the template mentions and whose names, such as `<|im_end|>`, are used for nothing else: models
///   end their turns with them whether or not a file says so, and llama.cpp stops there too.
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
    if let adder = claims.endTokenAdder {
      notes.append(
        "\(adder) is true; the end token stands behind texts to embed, and not behind prompts, which it would end"
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

  /// The end tokens of all files count. A note says where two files have none in common.
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

  /// The names that model families give to the token behind an assistant's turn.
  private static let turnEndNames = [
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
    "<end_of_utterance>", "<|eot|>", "<EOT>", "[EOT]",
  ]
}
