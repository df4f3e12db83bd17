/// A causal decoder: tokens attend to themselves and to earlier ones, in layers with rotary embedding.
///
/// Features are data: what tells one family from another stands here, and a model that computes a feature reads it.
package struct DecoderConfiguration: Sendable, Equatable {
  /// How Llama 3 stretches the angles of a model trained on shorter contexts (`rope_type: llama3`).
  ///
  /// Frequencies with wavelengths below `originalContext / highFrequencyFactor` stay, those above
  /// `originalContext / lowFrequencyFactor` are divided by `factor`, and those between are blended.
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

    /// The frequency that replaces `frequency` (radians per token).
    package func scaled(_ frequency: Double) -> Double {
      let wavelength = 2 * Double.pi / frequency
      let original = Double(originalContext)
      if wavelength < original / highFrequencyFactor { return frequency }
      if wavelength > original / lowFrequencyFactor { return frequency / factor }
      let share = (original / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
      return (1 - share) * frequency / factor + share * frequency
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
  package var ropeScaling: RopeRule?
  package var rotary = RotaryKind.rotateHalf
  /// Channels of a head that are turned, its first ones; nil for all.
  package var rotaryChannels: Int?
  /// What is turned in each layer, a pattern that repeats itself; empty where all layers are usual.
  package var rotaryLayers: [LayerRotary] = []
  /// Base of the frequencies of local layers.
  package var localRopeTheta: Double?
  /// How many of the newest tokens a token sees in each layer, a pattern that repeats itself; nil for all, as an empty one.
  package var windows: [Int?] = []
  package var norm = NormKind.rms
  package var normEpsilon: Float
  package var branchNorms = BranchNorms.input
  package var feedForward = FeedForward.gatedSiLU
  /// Whether query, key and value projections have a bias.
  package var queryKeyValueBias: Bool
  package var attentionOutputBias = false
  /// Whether the three projections of a feed-forward layer have a bias.
  package var feedForwardBias = false
  package var queryKeyNorm = QueryKeyNorm.none
  /// Multiplies embeddings of tokens.
  package var embeddingScale: Float = 1
  /// Multiplies what a branch adds to the stream.
  package var residualScale: Float = 1
  /// Multiplies logits, before they are capped.
  package var logitScale: Float = 1
  /// Multiplies products of query and key; nil for `1 / √headSize`.
  package var attentionScale: Float?
  /// Keeps scaled products of query and key within ± this, as `cap · tanh(x / cap)`.
  package var attentionSoftCap: Float?
  /// Keeps logits within ± this.
  package var logitSoftCap: Float?
  /// How many vectors of 16 inputs of `down` a Hadamard transform mixes: a power of two, 1 for none.
  package var downHadamard = 1
  /// Whether a matrix `[width, width]` of the normed final state is added to it before the output projection.
  package var headMatrix = false
  /// Whether the output projection is the embedding matrix.
  package var tiedEmbeddings: Bool
  /// Put in front of every prompt, where the model has one.
  package var beginToken: Int?
  /// Any of these ends a generation.
  package var endTokens: [Int]

  package init(
    family: DecoderFamily = .llama, width: Int, hidden: Int, layers: Int, heads: Int, keyValueHeads: Int,
    headSize: Int, vocabulary: Int, context: Int, ropeTheta: Double, ropeScaling: RopeRule? = nil,
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

  /// Channels of a head that rotary embedding turns.
  package var turnedChannels: Int { rotaryChannels ?? headSize }
  package func rotary(ofLayer layer: Int) -> LayerRotary { rotaryLayers.pattern(at: layer) ?? .usual }
  /// How many of the newest tokens a token sees, itself included; nil for all.
  package func window(ofLayer layer: Int) -> Int? { windows.pattern(at: layer) ?? nil }
}
