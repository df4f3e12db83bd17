import Architectures

/// A tied model's stored output projection: a copy of its embedding, or another matrix whatever config.json says.
///
/// As `transformers` 5 does it, a head that differs is used, because leaving it out would give another model's answers.
struct HeadCopy {
  /// The configuration to go by: untied where the head is no copy.
  private(set) var configuration: ModelConfiguration
  private(set) var notes: [String] = []

  /// - Complexity: Reads both matrices where a tied model has a head of its own; nothing otherwise.
  init(of configuration: ModelConfiguration, in weights: MappedWeights) throws {
    self.configuration = configuration
    guard case .decoder(var decoder) = configuration, decoder.tiedEmbeddings,
      let shape = weights.shape(of: Self.head), shape == weights.shape(of: Self.embedding),
      try weights.tensor(Self.head) != weights.tensor(Self.embedding)
    else { return }
    decoder.tiedEmbeddings = false
    self.configuration = .decoder(decoder)
    notes = [
      "config.json: 'tie_word_embeddings' is true, but '\(Self.head)' is no copy of the embedding; it is used as it is"
    ]
  }

  private static let (head, embedding) = ("lm_head.weight", "model.embed_tokens.weight")
}
