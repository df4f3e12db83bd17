import Architectures

extension VisionConfiguration {
  /// Reads the configuration of a `ViTForImageClassification`; without labels, `num_labels` counts the classes.
  ///
  /// `transformers` leaves out what equals its default: two classes have neither labels nor a number.
  init(huggingFace config: Settings) throws {
    try config.require("hidden_act", among: ["gelu"])
    try config.require("problem_type", among: ["single_label_classification"])
    let classes = try config.labels()?.count ?? config.integer("num_labels", in: Limits.classes, or: 2)
    self.init(
      imageSize: try config.integer("image_size", in: Limits.image, or: 224),
      patchSize: try config.integer("patch_size", in: Limits.image, or: 16),
      channels: try config.integer("num_channels", in: Limits.channels, or: 3),
      width: try config.integer("hidden_size", in: Limits.width, or: 768),
      layers: try config.integer("num_hidden_layers", in: Limits.layers, or: 12),
      heads: try config.integer("num_attention_heads", in: Limits.heads, or: 12),
      hidden: try config.integer("intermediate_size", in: Limits.hidden, or: 3072),
      classes: classes,
      normEpsilon: Float(try config.number("layer_norm_eps", in: Limits.epsilon, or: 1e-12)),
      queryKeyValueBias: try config.flag("qkv_bias", or: true))
    try checkDivisions(file: config.file)
  }

  /// Patches tile the image and heads tile the width.
  func checkDivisions(file: String) throws(ImportError) {
    guard imageSize % patchSize == 0 else {
      throw .outOfRange(
        file: file, key: "image_size", found: "\(imageSize)",
        expected: "a multiple of patch_size, \(patchSize)")
    }
    guard width % heads == 0 else {
      throw .outOfRange(
        file: file, key: "hidden_size", found: "\(width)",
        expected: "a multiple of num_attention_heads, \(heads)")
    }
    guard classes > 0 else {
      throw .outOfRange(file: file, key: "id2label", found: "empty", expected: "at least one label")
    }
  }
}

/// A class of `transformers` whose models can be imported: how its config.json becomes a configuration.
struct HuggingFaceArchitecture: Sendable {
  /// As `architectures` calls it.
  let name: String
  /// From config.json, and generation_config.json where there is one.
  let read: @Sendable (_ config: Settings, _ generation: Settings?) throws -> ModelConfiguration

  static let all = [
    Self(name: "ViTForImageClassification") { config, _ in
      .vision(try VisionConfiguration(huggingFace: config))
    },
    Self(name: "LlamaForCausalLM") { config, generation in
      try config.requireOff("attention_bias")
      try config.requireOff("mlp_bias")
      return .decoder(try DecoderConfiguration(.llama, huggingFace: config, generation: generation))
    },
  ]

  /// Finds the class that config.json names.
  static func find(_ config: Settings) throws -> HuggingFaceArchitecture {
    let names = try config.texts("architectures") ?? []
    guard let found = all.first(where: { $0.name == names.first }) else {
      throw ImportError.unsupportedSetting(
        file: config.file, key: "architectures", found: names.joined(separator: ", "),
        supported: all.map(\.name))
    }
    return found
  }
}

extension DecoderConfiguration {
  /// Reads the configuration of a decoder; token ids of `generation` go before those of `config`.
  init(_ family: DecoderFamily, huggingFace config: Settings, generation: Settings?) throws {
    try config.require("hidden_act", among: ["silu"])
    let width = try config.integer("hidden_size", in: Limits.width)
    let heads = try config.integer("num_attention_heads", in: Limits.heads)
    let vocabulary = try config.integer("vocab_size", in: Limits.vocabulary)
    let context = try config.integer("max_position_embeddings", in: Limits.context, or: 2048)
    func ids(_ key: String) throws -> [Int]? {
      try generation?.integers(key, in: 0..<vocabulary) ?? config.integers(key, in: 0..<vocabulary)
    }
    // transformers 5 moved theta and scaling into one object.
    let rope = try config.object("rope_parameters")
    self.init(
      family: family, width: width, hidden: try config.integer("intermediate_size", in: Limits.hidden),
      layers: try config.integer("num_hidden_layers", in: Limits.layers), heads: heads,
      keyValueHeads: try config.integer("num_key_value_heads", in: Limits.heads, or: heads),
      headSize: try config.integer("head_dim", in: Limits.headSize, or: width / heads),
      vocabulary: vocabulary,
      context: context, ropeTheta: try (rope ?? config).number("rope_theta", in: 1...1e12, or: 10_000),
      ropeScaling: try (rope ?? config.object("rope_scaling")).flatMap {
        try RopeScaling($0, context: context).map { .llama3($0) }
      },
      normEpsilon: Float(try config.number("rms_norm_eps", in: Limits.epsilon, or: 1e-6)),
      tiedEmbeddings: try config.flag("tie_word_embeddings", or: false),
      beginToken: try ids("bos_token_id")?.first,
      endTokens: try ids("eos_token_id") ?? [])
    try checkDivisions(file: config.file)
  }

  /// Rotary pairs fill the heads, and query heads share key heads evenly.
  func checkDivisions(file: String) throws(ImportError) {
    guard heads % keyValueHeads == 0 else {
      throw .outOfRange(
        file: file, key: "num_key_value_heads", found: "\(keyValueHeads)",
        expected: "a divisor of \(heads) heads")
    }
    guard headSize >= 2, headSize % 2 == 0 else {
      throw .outOfRange(
        file: file, key: "head_dim", found: "\(headSize)", expected: "an even size, at least 2")
    }
  }
}

extension DecoderConfiguration.RopeScaling {
  /// Reads the scaling rule; nil for `default`, which scales nothing.
  init?(_ settings: Settings, context: Int) throws {
    let key = settings["rope_type"] == nil ? "type" : "rope_type"
    try settings.require(key, among: ["llama3", "default"])
    guard try settings.text(key) == "llama3" else { return nil }
    let low = try settings.number("low_freq_factor", in: 1e-3...1e6)
    let high = try settings.number("high_freq_factor", in: 1e-3...1e6)
    guard low < high else {
      throw ImportError.outOfRange(
        file: settings.file, key: "rope_scaling.high_freq_factor", found: "\(high)",
        expected: "more than low_freq_factor, \(low)")
    }
    self.init(
      factor: try settings.number("factor", in: 1...1e6), lowFrequencyFactor: low, highFrequencyFactor: high,
      originalContext: try settings.integer(
        "original_max_position_embeddings", in: Limits.context, or: context))
  }
}

extension Settings {
  /// `id2label` as a list; its keys are exactly 0 to n − 1.
  func labels() throws -> [String]? {
    guard let map = try object("id2label") else { return nil }
    return try (0..<map.values.count).map { index in
      guard let label = try map.label("\(index)") else { throw map.missing("\(index)") }
      return label
    }
  }
}
