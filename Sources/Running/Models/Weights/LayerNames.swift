/// The names of a pack's layers. Projections that read the same input are stored as one layer, rows one after another:
/// their input is quantized once and multiplied in one pass.
public enum LlamaNames {
  public static let embedding = "embedding"
  public static let head = "head"
  public static let draftHead = "draft_head"
  public static let finalNorm = "norm.weight"

  public static func attentionNorm(_ layer: Int) -> String { "layers.\(layer).attention_norm.weight" }
  public static func queryKeyValue(_ layer: Int) -> String { "layers.\(layer).qkv" }
  public static func attentionOutput(_ layer: Int) -> String { "layers.\(layer).attention_output" }
  public static func feedForwardNorm(_ layer: Int) -> String { "layers.\(layer).feed_forward_norm.weight" }
  public static func gateUp(_ layer: Int) -> String { "layers.\(layer).gate_up" }
  public static func down(_ layer: Int) -> String { "layers.\(layer).down" }
}

/// As ``LlamaNames``, for a Vision Transformer. Each linear layer has `NAME.activation` beside it: the static scale and
/// zero point of its input.
public enum ViTNames {
  public static let patches = "patches"
  public static let classToken = "class_token"
  public static let positions = "positions"
  public static let finalNorm = "norm"
  public static let head = "head"

  public static func attentionNorm(_ layer: Int) -> String { "layers.\(layer).attention_norm" }
  public static func queryKeyValue(_ layer: Int) -> String { "layers.\(layer).qkv" }
  public static func attentionOutput(_ layer: Int) -> String { "layers.\(layer).attention_output" }
  public static func feedForwardNorm(_ layer: Int) -> String { "layers.\(layer).feed_forward_norm" }
  public static func up(_ layer: Int) -> String { "layers.\(layer).up" }
  public static func down(_ layer: Int) -> String { "layers.\(layer).down" }
}
