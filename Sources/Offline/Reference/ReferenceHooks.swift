import TensorCore

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

  package init(
    layer: Int, queries: FloatTensor, keys: FloatTensor, values: FloatTensor, heads: Int, keyValueHeads: Int,
    headSize: Int, causal: Bool
  ) {
    self.layer = layer
    self.queries = queries
    self.keys = keys
    self.values = values
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.causal = causal
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
