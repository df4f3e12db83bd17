extension HuggingFaceCheckpoint {
  /// A Llama of one layer and 40 tokens.
  package static func language(seed: UInt64) -> Self {
    var maker = TensorMaker(seed: seed)
    let (width, hidden, keys, vocabulary) = (16, 32, 8, 40)
    maker.matrix("model.embed_tokens", [vocabulary, width])
    let layer = "model.layers.0."
    maker.ones(layer + "input_layernorm", width)
    for (name, rows) in [("q", width), ("k", keys), ("v", keys), ("o", width)] {
      maker.matrix(layer + "self_attn.\(name)_proj", [rows, width])
    }
    maker.ones(layer + "post_attention_layernorm", width)
    maker.matrix(layer + "mlp.gate_proj", [hidden, width])
    maker.matrix(layer + "mlp.up_proj", [hidden, width])
    maker.matrix(layer + "mlp.down_proj", [width, hidden])
    maker.ones("model.norm", width)
    var checkpoint = Self(
      config: [
        "architectures": "[\"LlamaForCausalLM\"]", "hidden_size": "16", "intermediate_size": "32",
        "num_hidden_layers": "1", "num_attention_heads": "2", "num_key_value_heads": "1", "vocab_size": "40",
        "max_position_embeddings": "64", "rms_norm_eps": "1e-5", "rope_theta": "10000.0",
        "tie_word_embeddings": "true", "bos_token_id": "1", "eos_token_id": "2",
      ], tensors: maker.tensors)
    checkpoint.setVocabulary()
    return checkpoint
  }

  private mutating func setVocabulary() {
    addedTokens = ["<unk>", "<s>", "</s>"].enumerated().map { Piece($1, $0) }
    merges = [["t", "h"], ["th", "e"], ["▁", "the"], ["i", "n"], ["a", "n"], ["o", "n"]]
    let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { String(Unicode.Scalar($0)) }
    let texts = ["<unk>", "<s>", "</s>", "▁", ",", ".", "!", "?"] + letters + merges.map { $0.joined() }
    pieces = texts.enumerated().map { Piece($1, $0) }
  }

  /// A Vision Transformer of one layer for 16×16 pictures of three classes.
  package static func classifier(seed: UInt64) -> Self {
    var maker = TensorMaker(seed: seed)
    let (width, hidden, patch, classes) = (16, 32, 8, 3)
    let embeddings = "vit.embeddings."
    maker.add(embeddings + "cls_token", [1, 1, width], in: -1...1)
    maker.add(embeddings + "position_embeddings", [1, 5, width], in: -1...1)
    maker.layer(embeddings + "patch_embeddings.projection", [width, 3, patch, patch])
    let layer = "vit.encoder.layer.0."
    maker.norm(layer + "layernorm_before", width)
    for part in ["query", "key", "value"] {
      maker.layer(layer + "attention.attention.\(part)", [width, width])
    }
    maker.layer(layer + "attention.output.dense", [width, width])
    maker.norm(layer + "layernorm_after", width)
    maker.layer(layer + "intermediate.dense", [hidden, width])
    maker.layer(layer + "output.dense", [width, hidden])
    maker.norm("vit.layernorm", width)
    maker.layer("classifier", [classes, width])
    return Self(
      config: [
        "architectures": "[\"ViTForImageClassification\"]", "hidden_size": "16", "intermediate_size": "32",
        "num_hidden_layers": "1", "num_attention_heads": "2", "image_size": "16", "patch_size": "8",
        "num_channels": "3", "layer_norm_eps": "1e-6",
        "id2label": "{\"0\": \"cat\", \"1\": \"dog\", \"2\": \"ship\"}",
      ], tensors: maker.tensors,
      preprocessor: [
        "size": "16", "resample": "2", "rescale_factor": "0.00392", "image_mean": "[0.5, 0.5, 0.5]",
        "image_std": "[0.5, 0.5, 0.5]",
      ])
  }
}

/// Tensors of random values whose layers keep the size of what goes through them.
private struct TensorMaker {
  private(set) var tensors: [HuggingFaceCheckpoint.Tensor] = []
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func add(_ name: String, _ shape: [Int], in range: ClosedRange<Float>) {
    tensors.append(.init(name: name, shape: shape, values: random.floats(shape.reduce(1, *), in: range)))
  }

  mutating func ones(_ name: String, _ count: Int) { add(name + ".weight", [count], in: 1...1) }

  mutating func matrix(_ name: String, _ shape: [Int]) {
    let bound = 2 / Float(shape.dropFirst().reduce(1, *)).squareRoot()
    add(name + ".weight", shape, in: -bound...bound)
  }

  mutating func layer(_ name: String, _ shape: [Int]) {
    matrix(name, shape)
    add(name + ".bias", [shape[0]], in: -0.1...0.1)
  }

  mutating func norm(_ name: String, _ count: Int) {
    add(name + ".weight", [count], in: 0.5...1.5)
    add(name + ".bias", [count], in: -0.1...0.1)
  }
}
