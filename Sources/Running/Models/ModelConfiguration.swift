import Kernels

/// Everything about a model's shape that its weights do not say.
///
/// Stored as one flat object: the fields of the architecture, and `architecture` itself.
public enum ModelConfiguration: Sendable, Equatable, Codable {
  case vit(ViTConfiguration)
  case llama(LlamaConfiguration)

  private enum CodingKeys: String, CodingKey { case architecture }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(String.self, forKey: .architecture) {
    case "vit": self = .vit(try ViTConfiguration(from: decoder))
    case "llama": self = .llama(try LlamaConfiguration(from: decoder))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .architecture, in: container, debugDescription: "'\(other)' is neither vit nor llama")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(architecture, forKey: .architecture)
    switch self {
    case .vit(let vit): try vit.encode(to: encoder)
    case .llama(let llama): try llama.encode(to: encoder)
    }
  }

  /// `vit` or `llama`, as shown to people and stored in the registry.
  public var architecture: String {
    switch self {
    case .vit: "vit"
    case .llama: "llama"
    }
  }

  /// Transformer layers.
  public var layers: Int {
    switch self {
    case .vit(let vit): vit.layers
    case .llama(let llama): llama.layers
    }
  }
}

/// A plain pre-norm Vision Transformer with a class token and a linear head (ViT, DeiT without distillation).
public struct ViTConfiguration: Sendable, Equatable, Codable {
  public var imageSize: Int
  public var patchSize: Int
  public var channels: Int
  public var width: Int
  public var layers: Int
  public var heads: Int
  public var hidden: Int
  public var classes: Int
  public var layerNormEpsilon: Float
  /// Whether query, key and value projections have a bias.
  public var queryKeyValueBias: Bool

  public init(
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

  public var headSize: Int { width / heads }
  public var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
  /// Patches and the class token.
  public var tokens: Int { patches + 1 }
  /// Values of one image, `[channels, imageSize, imageSize]`.
  public var pixelValues: Int { channels * imageSize * imageSize }
  /// Values of one flattened patch, channel-major as in a convolution kernel `[channels, patch, patch]`.
  public var patchValues: Int { patchGrid.values }
  public var patchGrid: PatchGrid {
    PatchGrid(imageSize: imageSize, patchSize: patchSize, channels: channels)
  }
}

/// A Llama-style decoder: RMSNorm, rotary embedding (rotate-half), grouped-query attention, gated SiLU.
public struct LlamaConfiguration: Sendable, Equatable, Codable {
  /// The `llama3` rule that stretches low rotary frequencies for long contexts.
  public struct RopeScaling: Sendable, Equatable, Codable {
    public var factor: Double
    public var lowFrequencyFactor: Double
    public var highFrequencyFactor: Double
    public var originalContext: Int

    public init(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int)
    {
      self.factor = factor
      self.lowFrequencyFactor = lowFrequencyFactor
      self.highFrequencyFactor = highFrequencyFactor
      self.originalContext = originalContext
    }
  }

  public var width: Int
  public var hidden: Int
  public var layers: Int
  public var heads: Int
  public var keyValueHeads: Int
  public var headSize: Int
  public var vocabulary: Int
  public var context: Int
  public var ropeTheta: Double
  public var ropeScaling: RopeScaling?
  public var rmsNormEpsilon: Float
  /// Whether the output projection is the embedding matrix.
  public var tiedEmbeddings: Bool
  /// Put in front of every prompt, where the model has one.
  public var beginToken: Int?
  /// Any of these ends a generation.
  public var endTokens: [Int]

  public init(
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
