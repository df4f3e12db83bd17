import TensorCore

/// What a layer's attention does beyond the usual.
package struct AttentionRule: Sendable, Equatable {
  /// Factor of the logits; nil for `1 / √headSize`.
  package var scale: Float?
  /// Keeps scaled logits within ± this.
  package var softCap: Float?
  /// How many of the newest tokens a token sees, itself included; nil for all.
  package var window: Int?

  package init(scale: Float? = nil, softCap: Float? = nil, window: Int? = nil) {
    self.scale = scale
    self.softCap = softCap
    self.window = window
  }
}

/// What one layer's attention computes on: rotary embedding applied, heads side by side.
package struct AttentionInputs: Sendable {
  package let layer: Int
  /// `[tokens, heads · headSize]`.
  package let queries: FloatTensor
  /// `[tokens, keyValueHeads · headSize]`.
  package let keys: FloatTensor
  package let values: FloatTensor
  package let heads: Int
  package let keyValueHeads: Int
  package let headSize: Int
  /// Whether token t sees tokens 0…t only.
  package let causal: Bool
  package let rule: AttentionRule

  package init(
    layer: Int, queries: FloatTensor, keys: FloatTensor, values: FloatTensor, heads: Int, keyValueHeads: Int,
    headSize: Int, causal: Bool, rule: AttentionRule = AttentionRule()
  ) {
    self.layer = layer
    self.queries = queries
    self.keys = keys
    self.values = values
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.causal = causal
    self.rule = rule
  }

  package var tokens: Int { queries.shape[0] }
}

/// Where calibration and studies look into, or replace a part of, the float32 forward pass.
package struct ReferenceHooks {
  /// Sees the input `[rows, inputs]` of each linear layer, under the layer's name in the pack.
  package var input: ((_ layer: String, _ rows: FloatTensor) -> Void)?
  /// Computes attention `[tokens, heads · headSize]` in place of exact float32 softmax attention.
  package var attention: ((AttentionInputs) -> FloatTensor)?

  package init(
    input: ((_ layer: String, _ rows: FloatTensor) -> Void)? = nil,
    attention: ((AttentionInputs) -> FloatTensor)? = nil
  ) {
    self.input = input
    self.attention = attention
  }
}
