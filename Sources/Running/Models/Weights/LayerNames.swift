/// The names of a pack's layers. Projections that read the same input are stored as one layer, rows one after another:
/// their input is quantized once and multiplied in one pass.
package enum LlamaNames {
  package static let embedding = "embedding"
  package static let head = "head"
  package static let draftHead = "draft_head"
  package static let finalNorm = "norm.weight"

  package static func attentionNorm(_ layer: Int) -> String { "layers.\(layer).attention_norm.weight" }
  package static func queryKeyValue(_ layer: Int) -> String { "layers.\(layer).qkv" }
  package static func attentionOutput(_ layer: Int) -> String { "layers.\(layer).attention_output" }
  package static func feedForwardNorm(_ layer: Int) -> String { "layers.\(layer).feed_forward_norm.weight" }
  package static func gateUp(_ layer: Int) -> String { "layers.\(layer).gate_up" }
  package static func down(_ layer: Int) -> String { "layers.\(layer).down" }
}

/// As ``LlamaNames``, for a Vision Transformer. Each linear layer has `NAME.activation` beside it: the static scale and
/// zero point of its input.
package enum ViTNames {
  package static let patches = "patches"
  package static let classToken = "class_token"
  package static let positions = "positions"
  package static let finalNorm = "norm"
  package static let head = "head"

  package static func attentionNorm(_ layer: Int) -> String { "layers.\(layer).attention_norm" }
  package static func queryKeyValue(_ layer: Int) -> String { "layers.\(layer).qkv" }
  package static func attentionOutput(_ layer: Int) -> String { "layers.\(layer).attention_output" }
  package static func feedForwardNorm(_ layer: Int) -> String { "layers.\(layer).feed_forward_norm" }
  package static func up(_ layer: Int) -> String { "layers.\(layer).up" }
  package static func down(_ layer: Int) -> String { "layers.\(layer).down" }
}
