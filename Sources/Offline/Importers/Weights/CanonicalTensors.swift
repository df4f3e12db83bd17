import Models
import TensorCore

extension ModelConfiguration {
  /// Every tensor that the architecture consists of, by Hugging Face name, in the order of computation.
  var canonicalTensors: [(name: String, shape: Shape)] {
    switch self {
    case .vit(let configuration): configuration.canonicalTensors
    case .llama(let configuration): configuration.canonicalTensors
    }
  }
}

extension ViTConfiguration {
  fileprivate var canonicalTensors: [(name: String, shape: Shape)] {
    var tensors: [(name: String, shape: Shape)] = [
      ("vit.embeddings.cls_token", [1, 1, width]),
      ("vit.embeddings.position_embeddings", [1, tokens, width]),
      ("vit.embeddings.patch_embeddings.projection.weight", [width, channels, patchSize, patchSize]),
      ("vit.embeddings.patch_embeddings.projection.bias", [width]),
    ]
    func linear(_ name: String, _ outputs: Int, _ inputs: Int, bias: Bool = true) {
      tensors.append((name + ".weight", [outputs, inputs]))
      if bias { tensors.append((name + ".bias", [outputs])) }
    }
    func norm(_ name: String) { tensors += [(name + ".weight", [width]), (name + ".bias", [width])] }
    for layer in 0..<layers {
      let prefix = "vit.encoder.layer.\(layer)."
      norm(prefix + "layernorm_before")
      for part in ["query", "key", "value"] {
        linear(prefix + "attention.attention.\(part)", width, width, bias: queryKeyValueBias)
      }
      linear(prefix + "attention.output.dense", width, width)
      norm(prefix + "layernorm_after")
      linear(prefix + "intermediate.dense", hidden, width)
      linear(prefix + "output.dense", width, hidden)
    }
    norm("vit.layernorm")
    linear("classifier", classes, width)
    return tensors
  }
}

extension LlamaConfiguration {
  fileprivate var canonicalTensors: [(name: String, shape: Shape)] {
    let (queries, keys) = (heads * headSize, keyValueHeads * headSize)
    var tensors: [(name: String, shape: Shape)] = [("model.embed_tokens.weight", [vocabulary, width])]
    for layer in 0..<layers {
      let prefix = "model.layers.\(layer)."
      tensors += [
        (prefix + "input_layernorm.weight", [width]),
        (prefix + "self_attn.q_proj.weight", [queries, width]),
        (prefix + "self_attn.k_proj.weight", [keys, width]),
        (prefix + "self_attn.v_proj.weight", [keys, width]),
        (prefix + "self_attn.o_proj.weight", [width, queries]),
        (prefix + "post_attention_layernorm.weight", [width]),
        (prefix + "mlp.gate_proj.weight", [hidden, width]),
        (prefix + "mlp.up_proj.weight", [hidden, width]),
        (prefix + "mlp.down_proj.weight", [width, hidden]),
      ]
    }
    tensors.append(("model.norm.weight", [width]))
    if !tiedEmbeddings { tensors.append(("lm_head.weight", [vocabulary, width])) }
    return tensors
  }
}

/// The sizes that an importer accepts. Larger ones are no model but a damaged file; their products fit 63
/// bits.
enum Limits {
  static let width = 1...(1 << 17)
  static let hidden = 1...(1 << 20)
  static let layers = 1...1024
  static let heads = 1...1024
  static let headSize = 2...1024
  static let vocabulary = 1...(1 << 22)
  static let context = 1...(1 << 24)
  static let image = 1...4096
  static let channels = 1...16
  static let classes = 1...(1 << 20)
  static let epsilon = 1e-12...1e-1
}
