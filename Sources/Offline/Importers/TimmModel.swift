import Architectures
import ImageProcessing
import TensorCore

/// A Vision Transformer in timm's naming: fused query/key/value, `blocks.N`, and a config.json of timm's
/// kind.
///
/// Published timm models leave most sizes to the architecture's name, so they are read off the tensors;
/// `model_args` overrule them where given.
struct TimmModel {
  let config: Settings
  let weights: ShardedWeights

  func model(licence: String?) throws -> ImportedModel {
    try checkSettings()
    let configuration = try self.configuration()
    let mapped = MappedWeights(shards: weights, locations: .init(configuration.tensorTable, .timm))
    let labels = try config.labels("label_names") ?? pretrained().labels("label_names")
    try checkClasses(configuration.classes, labels: labels)
    let model = try ImportedModel(
      configuration: .vision(configuration),
      labels: labels, preprocessing: preprocessing(configuration), weights: mapped, format: "timm",
      licence: licence)
    try mapped.requireNoOthers(model.tensors.map(\.name)) { _ in false }
    return model
  }

  /// Refuses arguments of timm's constructor that nothing here reads: they would change the answer.
  private func checkSettings() throws {
    try config.require("global_pool", among: ["token"])
    let arguments = try arguments()
    try arguments.require("global_pool", among: ["token"])
    for name in arguments.values.keys.sorted() where !Self.arguments.contains(name) {
      throw ImportError.unsupportedSetting(
        file: config.file, key: "model_args", found: name, supported: Self.arguments)
    }
    if let name = config["architecture"]?.text, name.contains("quickgelu") {
      throw ImportError.unsupportedSetting(
        file: config.file, key: "architecture", found: name, supported: ["those with an exact GELU"])
    }
  }

  /// The arguments that are read, and those whose effect can be seen from the tensors' names and shapes.
  private static let arguments = [
    "class_token", "depth", "embed_dim", "global_pool", "img_size", "in_chans", "init_values", "mlp_ratio",
    "no_embed_class", "norm_eps", "num_classes", "num_heads", "patch_size", "pre_norm", "qk_norm", "qkv_bias",
    "reg_tokens",
  ]

  private func arguments() throws -> Settings {
    try config.object("model_args") ?? Settings(file: config.file, values: [:])
  }

  /// The head's rows are the classes; what config.json says about them must agree.
  private func checkClasses(_ classes: Int, labels: [String]?) throws {
    let said = try config["num_classes"] == nil ? classes : config.integer("num_classes", in: Limits.classes)
    for (key, found) in [("num_classes", said), ("label_names", labels?.count ?? classes)]
    where found != classes {
      throw ImportError.outOfRange(
        file: config.file, key: key, found: key == "label_names" ? "a list of \(found)" : "\(found)",
        expected: "\(classes), as 'head.weight' has rows")
    }
  }

  private func pretrained() throws -> Settings {
    try config.object("pretrained_cfg") ?? Settings(file: config.file, values: [:])
  }

  private func shape(_ name: String, rank: Int) throws(ImportError) -> Shape {
    let file = weights.file(of: name)
    guard let shape = weights[name]?.shape else { throw .missingTensor(file: file, tensor: name) }
    guard shape.rank == rank, !shape.extents.contains(0) else {
      throw .wrongRank(file: file, tensor: name, found: shape, expected: rank)
    }
    return shape
  }

  private func configuration() throws -> VisionConfiguration {
    let arguments = try arguments()
    let projection = try shape("patch_embed.proj.weight", rank: 4)
    let width = projection[0]
    let input = try pretrained().integers("input_size", in: 1..<4097)
    let depth = (0...).first { weights["blocks.\($0).norm1.weight"] == nil } ?? 0
    let configuration = VisionConfiguration(
      imageSize: try arguments.integer("img_size", in: Limits.image, or: input?.last ?? 224),
      patchSize: projection[3], channels: projection[1], width: width,
      layers: try arguments.integer("depth", in: Limits.layers, or: depth),
      heads: try arguments.integer("num_heads", in: Limits.heads, or: standardHeads(width)),
      hidden: try shape("blocks.0.mlp.fc1.weight", rank: 2)[0], classes: try shape("head.weight", rank: 2)[0],
      normEpsilon: Float(try arguments.number("norm_eps", in: Limits.epsilon, or: 1e-6)),
      queryKeyValueBias: weights["blocks.0.attn.qkv.bias"] != nil)
    try configuration.checkDivisions(file: config.file)
    try checkFused(configuration)
    return configuration
  }

  /// The three bands that query, key and value are cut from fill the fused matrix.
  private func checkFused(_ configuration: VisionConfiguration) throws(ImportError) {
    for layer in 0..<configuration.layers {
      let name = "blocks.\(layer).attn.qkv.weight"
      let (found, expected) = (
        try shape(name, rank: 2), Shape([3 * configuration.width, configuration.width])
      )
      guard found == expected else {
        throw .shapeMismatch(file: weights.file(of: name), tensor: name, found: found, expected: expected)
      }
    }
  }

  /// timm's named sizes tiny, small, base and large all use heads of 64; others must say `num_heads`.
  private func standardHeads(_ width: Int) -> Int? {
    let name = config["architecture"]?.text ?? ""
    let isStandard = ["tiny", "small", "base", "large"].contains { name.hasPrefix("vit_\($0)_") }
    return isStandard && width % 64 == 0 ? width / 64 : nil
  }

  /// Resize the shorter edge to size / crop_pct, then cut out the centre.
  private func preprocessing(_ configuration: VisionConfiguration) throws -> ImagePreprocessing {
    let settings = try pretrained()
    try settings.require("crop_mode", among: ["center", "squash"])
    let names = ["bicubic", "bilinear", "nearest", "lanczos", "box", "hamming"]
    try settings.require("interpolation", among: names)
    let fraction = try settings.number("crop_pct", in: 0.1...1, or: 0.875)
    let size = configuration.imageSize
    let filters = [ImagePreprocessing.Interpolation.bicubic, .bilinear, .nearest, .lanczos, .box, .hamming]
    let filter = try names.firstIndex(of: settings.text("interpolation") ?? names[0]) ?? 0
    let scaled = Int(Double(size) / fraction)
    return ImagePreprocessing(
      resize: try settings.text("crop_mode") == "squash"
        ? .exact(height: scaled, width: scaled) : .shortestEdge(scaled),
      crop: .init(height: size, width: size), interpolation: filters[filter], rescale: 1 / 255.0,
      mean: try settings.channels("mean", in: -1e3...1e3, or: [0.485, 0.456, 0.406]),
      deviation: try settings.channels("std", in: 1e-6...1e3, or: [0.229, 0.224, 0.225]))
  }
}
