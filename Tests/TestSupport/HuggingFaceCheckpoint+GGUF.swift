extension HuggingFaceCheckpoint {
  /// The same language model as llama.cpp's converter writes it: other names, the rows of query and key in rotary pairs.
  package func gguf() -> GGUFBytes {
    var file = GGUFBytes()
    file.metadata = metadata()
    file.tensors = tensors.map { tensor in
      let (rows, columns) =
        tensor.shape.count == 1 ? (1, tensor.shape[0]) : (tensor.shape[0], tensor.shape[1])
      let isRotary = tensor.name.contains("q_proj") || tensor.name.contains("k_proj")
      let values = isRotary ? interleaved(tensor.values, rows, columns) : tensor.values
      return .init(Self.ggufName(tensor.name), rows: rows, columns: columns, values)
    }
    return file
  }

  private func number(_ key: String) -> Int { config[key].flatMap { Int($0) } ?? 0 }

  private func metadata() -> [(key: String, value: GGUFBytes.Value)] {
    func count(_ key: String) -> GGUFBytes.Value { .uint32(UInt32(number(key))) }
    let pieces = self.pieces ?? []
    return [
      ("general.architecture", .string("llama")), ("general.type", .string("model")),
      ("llama.block_count", count("num_hidden_layers")),
      ("llama.context_length", count("max_position_embeddings")),
      ("llama.embedding_length", count("hidden_size")),
      ("llama.feed_forward_length", count("intermediate_size")),
      ("llama.attention.head_count", count("num_attention_heads")),
      ("llama.attention.head_count_kv", count("num_key_value_heads")),
      ("llama.attention.layer_norm_rms_epsilon", .float32(config["rms_norm_eps"].flatMap { Float($0) } ?? 0)),
      ("llama.rope.freq_base", .float32(config["rope_theta"].flatMap { Float($0) } ?? 10_000)),
      ("llama.vocab_size", count("vocab_size")),
      ("tokenizer.ggml.model", .string("llama")), ("tokenizer.ggml.tokens", .strings(pieces.map(\.text))),
      ("tokenizer.ggml.scores", .floats(pieces.map { -Float($0.id) })),
      ("tokenizer.ggml.token_type", .integers(pieces.map { $0.id == 0 ? 2 : $0.id < 3 ? 3 : 1 })),
      ("tokenizer.ggml.bos_token_id", count("bos_token_id")),
      ("tokenizer.ggml.eos_token_id", count("eos_token_id")),
    ]
  }

  /// Row i and row i + half of a head come to lie beside each other.
  private func interleaved(_ values: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    let size = number("hidden_size") / number("num_attention_heads")
    return (0..<rows).flatMap { row in
      let (head, place) = (row / size, row % size)
      let source = head * size + (place % 2 == 0 ? place / 2 : size / 2 + place / 2)
      return values[source * columns..<(source + 1) * columns]
    }
  }

  private static func ggufName(_ name: String) -> String {
    let names = [
      "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
      "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
      "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
      "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]
    let parts = name.split(separator: ".")
    guard parts.starts(with: ["model", "layers"]) else {
      return (names[parts.dropLast().joined(separator: ".")] ?? name) + ".weight"
    }
    let module = parts.dropFirst(3).dropLast().joined(separator: ".")
    return "blk.\(parts[2]).\(names[module] ?? module).\(parts[parts.count - 1])"
  }
}
