/// A causal decoder: tokens attend to themselves and to earlier ones, in pre-norm layers with rotary embedding.
///
/// Features are data: what tells one family from another stands here, and a model that computes a feature reads it.
package struct DecoderConfiguration: Sendable, Equatable {
  /// The `llama3` rule that stretches low rotary frequencies for long contexts.
  package struct RopeScaling: Sendable, Equatable, Codable {
    package var factor: Double
    package var lowFrequencyFactor: Double
    package var highFrequencyFactor: Double
    package var originalContext: Int

    package init(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int
    ) {
      self.factor = factor
      self.lowFrequencyFactor = lowFrequencyFactor
      self.highFrequencyFactor = highFrequencyFactor
      self.originalContext = originalContext
    }
  }

  package var family: DecoderFamily
  package var width: Int
  package var hidden: Int
  package var layers: Int
  package var heads: Int
  package var keyValueHeads: Int
  package var headSize: Int
  package var vocabulary: Int
  package var context: Int
  /// Base of the rotary frequencies.
  package var ropeTheta: Double
  package var ropeScaling: RopeScaling?
  package var rotary = RotaryKind.rotateHalf
  package var norm = NormKind.rms
  package var normEpsilon: Float
  package var feedForward = FeedForward.gatedSiLU
  /// Whether query, key and value projections have a bias.
  package var queryKeyValueBias: Bool
  /// Whether each head of query and key is normed before it is turned.
  package var queryKeyNorm = false
  /// Whether the output projection is the embedding matrix.
  package var tiedEmbeddings: Bool
  /// Put in front of every prompt, where the model has one.
  package var beginToken: Int?
  /// Any of these ends a generation.
  package var endTokens: [Int]

  package init(
    family: DecoderFamily = .llama, width: Int, hidden: Int, layers: Int, heads: Int, keyValueHeads: Int,
    headSize: Int, vocabulary: Int, context: Int, ropeTheta: Double, ropeScaling: RopeScaling? = nil,
    normEpsilon: Float, queryKeyValueBias: Bool = false, tiedEmbeddings: Bool, beginToken: Int?,
    endTokens: [Int]
  ) {
    self.family = family
    self.width = width
    self.hidden = hidden
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.vocabulary = vocabulary
    self.context = context
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.normEpsilon = normEpsilon
    self.queryKeyValueBias = queryKeyValueBias
    self.tiedEmbeddings = tiedEmbeddings
    self.beginToken = beginToken
    self.endTokens = endTokens
  }

  /// Columns of all query heads side by side.
  package var queryWidth: Int { heads * headSize }
  /// Columns of all key heads, or of all value heads, side by side.
  package var keyWidth: Int { keyValueHeads * headSize }
  /// Columns of the joined projection: all query heads, then key heads, then value heads.
  package var queryKeyValueWidth: Int { queryWidth + 2 * keyWidth }
}
