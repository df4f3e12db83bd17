import Glibc
import JSON
import TestSupport

extension ConvertedFamily {
  private static let architectures = [
    "LlamaForCausalLM": "llama", "MistralForCausalLM": "llama", "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3", "SmolLM3ForCausalLM": "smollm3", "GraniteForCausalLM": "granite",
    "Olmo2ForCausalLM": "olmo2", "Phi3ForCausalLM": "phi3", "GemmaForCausalLM": "gemma",
    "Gemma2ForCausalLM": "gemma2", "Gemma3ForCausalLM": "gemma3",
  ]

  /// The name of the architecture and the prefix of its keys.
  private var architecture: String {
    guard case .array(let names)? = config["architectures"] else { return "" }
    return names.first?.stringValue.flatMap { Self.architectures[$0] } ?? ""
  }

  private func count(_ key: String) -> Int { config[key]?.integerValue ?? 0 }
  private func number(_ key: String) -> Double { config[key]?.doubleValue ?? 0 }
  private var headSize: Int {
    config["head_dim"]?.integerValue ?? count("hidden_size") / count("num_attention_heads")
  }
  private var rope: JSONValue? { config["rope_parameters"]?["full_attention"] ?? config["rope_parameters"] }
  private var turned: Int { Int(Double(headSize) * (rope?["partial_rotary_factor"]?.doubleValue ?? 1)) }
  private var ropeType: String? { rope?["rope_type"]?.stringValue }

  /// The whole file.
  func gguf() throws -> GGUFBytes {
    var file = GGUFBytes()
    file.metadata = [("general.architecture", .string(architecture)), ("general.type", .string("model"))]
    let settings = sizes() + ropeSettings() + windowSettings() + factors()
    file.metadata += settings.map { ("\(architecture).\($0)", $1) }
    file.metadata.append(("tokenizer.ggml.model", .string("none")))
    file.tensors = try weights.names.sorted().map { try tensor($0) }
    if ropeType == "llama3" { file.tensors.append(llama3Factors()) }
    return file
  }

  // MARK: Metadata

  private typealias Settings = [(String, GGUFBytes.Value)]

  private func sizes() -> Settings {
    let counts = [
      "block_count": count("num_hidden_layers"), "context_length": count("max_position_embeddings"),
      "embedding_length": count("hidden_size"), "feed_forward_length": count("intermediate_size"),
      "attention.head_count": count("num_attention_heads"),
      "attention.head_count_kv": count("num_key_value_heads"), "vocab_size": count("vocab_size"),
      "attention.key_length": headSize, "attention.value_length": headSize, "rope.dimension_count": turned,
    ]
    return counts.sorted { $0.key < $1.key }.map { ($0.key, .uint32(UInt32($0.value))) }
      + [("attention.layer_norm_rms_epsilon", .float32(Float(number("rms_norm_eps"))))]
  }

  private func ropeSettings() -> Settings {
    var settings: Settings = [("rope.freq_base", .float32(Float(rope?["rope_theta"]?.doubleValue ?? 0)))]
    if let ropeType, ["linear", "yarn"].contains(ropeType) {
      settings.append(("rope.scaling.type", .string(ropeType)))
      settings.append(("rope.scaling.factor", .float32(Float(rope?["factor"]?.doubleValue ?? 0))))
    }
    if let original = rope?["original_max_position_embeddings"]?.integerValue {
      settings.append(("rope.scaling.original_context_length", .uint32(UInt32(original))))
    }
    return settings
  }

  private func windowSettings() -> Settings {
    guard architecture.hasPrefix("gemma"), count("sliding_window") > 0 else { return [] }
    let settings: Settings = [("attention.sliding_window", .uint32(UInt32(count("sliding_window"))))]
    guard architecture == "gemma3", case .array(let types)? = config["layer_types"] else { return settings }
    let flags = types.map { UInt8($0 == "sliding_attention" ? 1 : 0) }
    // An array of flags.
    let array = GGUFBytes.little(UInt32(7)) + GGUFBytes.little(UInt64(flags.count)) + flags
    return settings + [("attention.sliding_window_pattern", .raw(9, array))]
  }

  private func factors() -> Settings {
    let keys = [
      "attention_multiplier": "attention.scale", "embedding_multiplier": "embedding_scale",
      "residual_multiplier": "residual_scale", "logits_scaling": "logit_scale",
      "attn_logit_softcapping": "attn_logit_softcapping",
      "final_logit_softcapping": "final_logit_softcapping",
    ]
    return keys.sorted { $0.key < $1.key }.compactMap { key, name in
      config[key]?.doubleValue.map { (name, .float32(Float($0))) }
    }
  }

  // MARK: Tensors

  private static let modules = [
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.qkv_proj": "attn_qkv",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
  ]

  /// Whether attention's output is normed before it is added.
  private var normsOutputs: Bool { ["olmo2", "gemma2", "gemma3"].contains(architecture) }

  private func name(_ name: String) -> String {
    let parts = name.split(separator: ".")
    let suffix = parts.last.map { ".\($0)" } ?? ""
    guard name.hasPrefix("model.layers.") else {
      return (Self.modules[parts.dropLast().joined(separator: ".")] ?? name) + suffix
    }
    let module = parts.dropFirst(3).dropLast().joined(separator: ".")
    let after = normsOutputs ? "post_attention_norm" : "ffn_norm"
    let new = module == "post_attention_layernorm" ? after : Self.modules[module] ?? module
    return "blk.\(parts[2]).\(new)\(suffix)"
  }

  private func tensor(_ original: String) throws -> GGUFBytes.Tensor {
    var tensor = try weights.tensor(original).floats(name: original, file: "model.safetensors")
    if original.hasSuffix("norm.weight"), architecture.hasPrefix("gemma") {
      tensor.values = tensor.values.map { $0 + 1 }
    }
    let isTurned = original.contains("q_proj.") || original.contains("k_proj.")
    let (rows, columns) =
      tensor.shape.rank == 1 ? (1, tensor.shape[0]) : (tensor.shape[0], tensor.shape[1])
    if isTurned, ["llama", "smollm3", "granite"].contains(architecture) {
      tensor.values = paired(tensor.values, columns: tensor.shape.rank == 1 ? 1 : columns)
    }
    return .init(name(original), rows: rows, columns: columns, tensor.values)
  }

  /// Rows i and i + half of each head beside each other.
  private func paired(_ values: [Float], columns: Int) -> [Float] {
    (0..<values.count / columns).flatMap { row in
      let (head, place) = (row / headSize, row % headSize)
      let source = head * headSize + place / 2 + (place % 2) * (headSize / 2)
      return values[source * columns..<(source + 1) * columns]
    }
  }

  /// What frequencies are divided by, as the rule of Llama 3.1 has it for an original context of 8,192.
  private func llama3Factors() -> GGUFBytes.Tensor {
    let theta = rope?["rope_theta"]?.doubleValue ?? 1
    func setting(_ key: String) -> Double { rope?[key]?.doubleValue ?? 1 }
    let (low, high) = (setting("low_freq_factor"), setting("high_freq_factor"))
    let factors = stride(from: 0, to: headSize, by: 2).map { channel -> Float in
      let turns = 8_192 / (2 * Double.pi * pow(theta, Double(channel) / Double(headSize)))
      if turns > high { return 1 }
      if turns < low { return Float(setting("factor")) }
      let smooth = (turns - low) / (high - low)
      return Float(1 / ((1 - smooth) / setting("factor") + smooth))
    }
    return .init("rope_freqs.weight", rows: 1, columns: factors.count, factors)
  }
}
