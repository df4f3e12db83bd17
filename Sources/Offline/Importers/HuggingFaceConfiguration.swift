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
