import Kernels

/// Everything about a model's shape that its weights do not say.
///
/// Stored as one flat object: the fields of the architecture, and `architecture` itself.
package enum ModelConfiguration: Sendable, Equatable, Codable {
  case vit(ViTConfiguration)
  case llama(LlamaConfiguration)

  private enum CodingKeys: String, CodingKey { case architecture }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(String.self, forKey: .architecture) {
    case "vit": self = .vit(try ViTConfiguration(from: decoder))
    case "llama": self = .llama(try LlamaConfiguration(from: decoder))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .architecture, in: container, debugDescription: "'\(other)' is neither vit nor llama")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(architecture, forKey: .architecture)
    switch self {
    case .vit(let vit): try vit.encode(to: encoder)
    case .llama(let llama): try llama.encode(to: encoder)
    }
  }

  /// `vit` or `llama`, as shown to people and stored in the registry.
  package var architecture: String {
    switch self {
    case .vit: "vit"
    case .llama: "llama"
    }
  }

  /// Transformer layers.
  package var layers: Int {
    switch self {
    case .vit(let vit): vit.layers
    case .llama(let llama): llama.layers
    }
  }
}

/// A plain pre-norm Vision Transformer with a class token and a linear head (ViT, DeiT without distillation).
package struct ViTConfiguration: Sendable, Equatable, Codable {
  package var imageSize: Int
  package var patchSize: Int
  package var channels: Int
  package var width: Int
  package var layers: Int
  package var heads: Int
  package var hidden: Int
  package var classes: Int
  package var layerNormEpsilon: Float
  /// Whether query, key and value projections have a bias.
  package var queryKeyValueBias: Bool

  package init(
    imageSize: Int, patchSize: Int, channels: Int, width: Int, layers: Int, heads: Int, hidden: Int,
    classes: Int,
    layerNormEpsilon: Float, queryKeyValueBias: Bool
  ) {
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.channels = channels
    self.width = width
    self.layers = layers
    self.heads = heads
    self.hidden = hidden
    self.classes = classes
    self.layerNormEpsilon = layerNormEpsilon
    self.queryKeyValueBias = queryKeyValueBias
  }

  package var headSize: Int { width / heads }
  package var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
  /// Patches and the class token.
  package var tokens: Int { patches + 1 }
  /// Values of one image, `[channels, imageSize, imageSize]`.
  package var pixelValues: Int { channels * imageSize * imageSize }
  /// Values of one flattened patch, channel-major as in a convolution kernel `[channels, patch, patch]`.
  package var patchValues: Int { patchGrid.values }
  package var patchGrid: PatchGrid {
    PatchGrid(imageSize: imageSize, patchSize: patchSize, channels: channels)
  }
}

/// A Llama-style decoder: RMSNorm, rotary embedding (rotate-half), grouped-query attention, gated SiLU.
package struct LlamaConfiguration: Sendable, Equatable, Codable {
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

  package var width: Int
  package var hidden: Int
  package var layers: Int
  package var heads: Int
  package var keyValueHeads: Int
  package var headSize: Int
  package var vocabulary: Int
  package var context: Int
  package var ropeTheta: Double
  package var ropeScaling: RopeScaling?
  package var rmsNormEpsilon: Float
  /// Whether the output projection is the embedding matrix.
  package var tiedEmbeddings: Bool
  /// Put in front of every prompt, where the model has one.
  package var beginToken: Int?
  /// Any of these ends a generation.
  package var endTokens: [Int]

  package init(
    width: Int, hidden: Int, layers: Int, heads: Int, keyValueHeads: Int, headSize: Int, vocabulary: Int,
    context: Int,
    ropeTheta: Double, ropeScaling: RopeScaling? = nil, rmsNormEpsilon: Float, tiedEmbeddings: Bool,
    beginToken: Int?,
    endTokens: [Int]
  ) {
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
    self.rmsNormEpsilon = rmsNormEpsilon
    self.tiedEmbeddings = tiedEmbeddings
    self.beginToken = beginToken
    self.endTokens = endTokens
  }
}
