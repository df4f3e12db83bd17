import TensorCore

/// What one layer's attention computes on: rotary embedding applied, heads side by side.
public struct AttentionInputs: Sendable {
  public let layer: Int
  /// `[tokens, heads · headSize]`.
  public let queries: FloatTensor
  /// `[tokens, keyValueHeads · headSize]`.
  public let keys: FloatTensor
  public let values: FloatTensor
  public let heads: Int
  public let keyValueHeads: Int
  public let headSize: Int
  /// Whether token t sees tokens 0…t only.
  public let causal: Bool

  public init(
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

  public var tokens: Int { queries.shape[0] }
}

/// Where calibration and studies look into, or replace a part of, the float32 forward pass.
public struct ReferenceHooks {
  /// Sees the input `[rows, inputs]` of each linear layer, under the layer's name in the pack.
  public var input: ((_ layer: String, _ rows: FloatTensor) -> Void)?
  /// Computes attention `[tokens, heads · headSize]` in place of exact float32 softmax attention.
  public var attention: ((AttentionInputs) -> FloatTensor)?

  public init(
    input: ((_ layer: String, _ rows: FloatTensor) -> Void)? = nil,
    attention: ((AttentionInputs) -> FloatTensor)? = nil
  ) {
    self.input = input
    self.attention = attention
  }
}
