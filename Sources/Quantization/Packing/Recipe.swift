import Kernels

/// A named way to quantize a model.
public enum Recipe: String, Sendable, CaseIterable {
  /// 8-bit weights per output channel, 8-bit activations.
  case w8a8
  /// 4-bit weights in groups of 32, 8-bit activations; embeddings, patches and heads stay at 8 bits.
  case w4a8

  var weightBits: Int { self == .w8a8 ? 8 : 4 }
}

/// What quantization is asked for, beyond the recipe.
public struct QuantizationOptions: Sendable {
  public var recipe: Recipe
  /// The attention that every layer tries first.
  public var attention: AttentionScheme
  /// The relative error of a layer's attention output above which it falls back to 8-bit keys and values.
  public var attentionGate: Double

  public init(recipe: Recipe, attention: AttentionScheme = AttentionScheme(), attentionGate: Double = 0.15) {
    self.recipe = recipe
    self.attention = attention
    self.attentionGate = attentionGate
  }
}
