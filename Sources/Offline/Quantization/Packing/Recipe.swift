import Architectures

/// A named way to quantize a model.
package enum Recipe: String, Sendable, CaseIterable {
  /// 8-bit weights per output channel, 8-bit activations.
  case w8a8
  /// 4-bit weights in groups of 32, 8-bit activations; embeddings, patches and heads stay at 8 bits.
  case w4a8

  /// The format of most matrices.
  var weights: WeightFormat { self == .w8a8 ? .int8 : .int4 }

  /// The format of a matrix that the table stores with `precision`.
  func format(_ precision: TensorRow.Precision) -> WeightFormat {
    switch precision {
    case .recipe: weights
    case .eightBits: .int8
    case .draft: .int4
    }
  }

  /// Whether a head of so many tokens is worth a draft: it takes time enough to compute.
  func draftsHead(vocabulary: Int) -> Bool { self == .w4a8 && vocabulary >= 8_192 }
}

/// What quantization is asked for, beyond the recipe.
package struct QuantizationOptions: Sendable {
  package var recipe: Recipe
  /// The attention that every layer tries first; nil takes the architecture's default.
  package var attention: AttentionScheme?
  /// The relative error of a layer's attention output above which it falls back to 8-bit keys and values.
  package var attentionGate: Double
  /// Whether a `w4a8` language model gets a draft head; nil for where it pays. <doc:0019-DraftHead> has the figures.
  package var draftHead: Bool?
  /// What is done to a language model's weights before they are rounded; those that a model has an obstacle for are left
  /// out. Nil for what pays: all, but none before nearest codes of few bits, which a rotation makes worse.
  package var transforms: [ModelTransform]?
  /// How its codes are chosen where there is calibration data.
  package var rounding: Rounding
  /// Passes of coordinate descent of ``Rounding/hessian``.
  package var descentPasses = 2

  /// How codes are chosen once scales are.
  package enum Rounding: String, Sendable, CaseIterable {
    /// Each weight takes the nearest.
    case nearest
    /// Weights of a row make up for each other's errors, as calibration data says that they can.
    case hessian
  }

  package init(
    recipe: Recipe, attention: AttentionScheme? = nil, attentionGate: Double = 0.15, draftHead: Bool? = nil,
    transforms: [ModelTransform]? = nil, rounding: Rounding = .hessian
  ) {
    self.transforms = transforms
    self.rounding = rounding
    self.recipe = recipe
    self.attention = attention
    self.attentionGate = attentionGate
    self.draftHead = draftHead
  }

  func draftsHead(vocabulary: Int) -> Bool { draftHead ?? recipe.draftsHead(vocabulary: vocabulary) }
}

extension ModelConfiguration {
  /// The attention that is tried where nothing else is asked for; <doc:0018-AttentionDefaults> has the figures.
  ///
  /// A cache is read from memory, so few bits pay; without one, 8 bits cost nothing.
  package var defaultAttention: AttentionScheme {
    keepsKeysAndValues
      ? AttentionScheme(queryBits: 8, keyBits: 5, valueBits: 4, valueScale: .token, probabilities: .log64)
      : AttentionScheme(queryBits: 8, keyBits: 8, valueBits: 8, probabilities: .log64)
  }
}
