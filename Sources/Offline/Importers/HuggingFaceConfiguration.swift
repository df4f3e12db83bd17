import Models

extension ViTConfiguration {
  /// Reads the configuration of a `ViTForImageClassification`.
  ///
  /// - Parameter classes: The number of labels; without any, `num_labels` says it.
  init(huggingFace config: Settings, classes: Int?) throws {
    try config.require("hidden_act", among: ["gelu"])
    let classes = try classes ?? config.integer("num_labels", in: Limits.classes)
    self.init(
      imageSize: try config.integer("image_size", in: Limits.image, or: 224),
      patchSize: try config.integer("patch_size", in: Limits.image, or: 16),
      channels: try config.integer("num_channels", in: Limits.channels, or: 3),
      width: try config.integer("hidden_size", in: Limits.width),
      layers: try config.integer("num_hidden_layers", in: Limits.layers),
      heads: try config.integer("num_attention_heads", in: Limits.heads),
      hidden: try config.integer("intermediate_size", in: Limits.hidden),
      classes: classes,
      layerNormEpsilon: Float(try config.number("layer_norm_eps", in: Limits.epsilon, or: 1e-12)),
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

extension LlamaConfiguration {
  /// Reads the configuration of a `LlamaForCausalLM`; token ids of `generation` go before those of `config`.
  init(huggingFace config: Settings, generation: Settings?) throws {
    try config.require("hidden_act", among: ["silu"])
    try config.requireOff("attention_bias")
    try config.requireOff("mlp_bias")
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
      width: width, hidden: try config.integer("intermediate_size", in: Limits.hidden),
      layers: try config.integer("num_hidden_layers", in: Limits.layers), heads: heads,
      keyValueHeads: try config.integer("num_key_value_heads", in: Limits.heads, or: heads),
      headSize: try config.integer("head_dim", in: Limits.headSize, or: width / heads),
      vocabulary: vocabulary,
      context: context, ropeTheta: try (rope ?? config).number("rope_theta", in: 1...1e12, or: 10_000),
      ropeScaling: try (rope ?? config.object("rope_scaling")).flatMap {
        try RopeScaling($0, context: context)
      },
      rmsNormEpsilon: Float(try config.number("rms_norm_eps", in: Limits.epsilon, or: 1e-6)),
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

extension LlamaConfiguration.RopeScaling {
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

extension ImportedPreprocessing {
  /// Reads preprocessor_config.json; `size` and `crop_size` may be a number or an object.
  init(huggingFace settings: Settings) throws {
    let isNormalized = try settings.flag("do_normalize", or: true)
    let half = [0.5, 0.5, 0.5]
    let code = try settings.integer("resample", in: 0...5, or: Resample.bilinear.rawValue)
    self.init(
      resize: try settings.flag("do_resize", or: true) ? Self.resize(settings) : .none,
      resample: Resample(rawValue: code) ?? .bilinear,
      crop: try settings.flag("do_center_crop", or: false) ? Self.crop(settings) : nil,
      rescale: try settings.flag("do_rescale", or: true)
        ? settings.number("rescale_factor", in: 1e-9...1e3, or: 1 / 255.0) : 1,
      mean: isNormalized ? try settings.channels("image_mean", in: -1e3...1e3, or: half) : [0, 0, 0],
      deviation: isNormalized ? try settings.channels("image_std", in: 1e-6...1e3, or: half) : [1, 1, 1])
  }

  private static func resize(_ settings: Settings) throws -> Resize {
    if let edge = settings["size"]?.integer, Limits.image.contains(edge) {
      return .exact(height: edge, width: edge)
    }
    guard let size = try settings.object("size") else { throw settings.missing("size") }
    if size["shortest_edge"] != nil {
      return .shortestEdge(try size.integer("shortest_edge", in: Limits.image))
    }
    return .exact(
      height: try size.integer("height", in: Limits.image), width: try size.integer("width", in: Limits.image)
    )
  }

  private static func crop(_ settings: Settings) throws -> Crop {
    if let edge = settings["crop_size"]?.integer, Limits.image.contains(edge) {
      return Crop(height: edge, width: edge)
    }
    guard let size = try settings.object("crop_size") else { throw settings.missing("crop_size") }
    return Crop(
      height: try size.integer("height", in: Limits.image), width: try size.integer("width", in: Limits.image)
    )
  }
}
