import Architectures

/// The output projection that the checkpoint of a tied model stores beside its embedding, if any.
///
/// A copy of the embedding is left out. Another matrix is used although config.json calls the model tied, as `transformers` 5
/// does it: leaving it out would give another model's answers.
struct HeadCopy {
  /// The configuration to import with: untied where the stored matrix is no copy.
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
