/// What a layer or vector is to its model; the raw value is its name in packs, after the transformer layer's.
package enum TensorRole: String, Sendable, CaseIterable {
  // Once a model.
  case embedding
  case patches
  case classToken = "class_token"
  case positions
  case finalNorm = "norm"
  /// What is added to the normed final state before the head; only models that were changed offline have it.
  case headMatrix = "head_matrix"
  case head
  /// The head once more in few bits; see `DraftHead` of Quantization.
  case draftHead = "draft_head"
  // Once a transformer layer.
  case attentionNorm = "attention_norm"
  case queryKeyValue = "qkv"
  case queryNorm = "query_norm"
  case keyNorm = "key_norm"
  case attentionOutput = "attention_output"
  case attentionOutputNorm = "attention_output_norm"
  case feedForwardNorm = "feed_forward_norm"
  case gateUp = "gate_up"
  case up
  case down
  case feedForwardOutputNorm = "feed_forward_output_norm"
}
