import Architectures
import Checkpoints
import ImageProcessing
import Packs

/// A folder in the layout of the Hugging Face hub: config.json, safetensors weights and what belongs beside
/// them.
package struct HuggingFaceDirectory {
  let path: String
  let config: Settings

  /// Reads config.json.
  package init(_ path: String) throws {
    self.path = path
    guard let config = try Settings.read("config.json", in: path) else {
      throw ImportError.missingFile(
        "config.json", beside: path.split(separator: "/").last.map(String.init) ?? path)
    }
    self.config = config
  }

  /// Checks everything and opens the weights. A config.json with timm's `architecture` is read as timm's.
  package func model() throws -> ImportedModel {
    let weights = try ShardedWeights(folder: path)
    if config["architectures"] == nil, config["architecture"] != nil {
      return try TimmModel(config: config, weights: weights).model(licence: licence())
    }
    try requireUnquantized()
    let generation = try Settings.read("generation_config.json", in: path)
    let architecture = try HuggingFaceArchitecture.find(config)
    let configuration = try architecture.read(config, generation)
    return switch configuration.capability {
    case .images(let images): try vision(configuration, images, weights)
    case .sequences: try language(configuration, architecture.layout, generation, weights)
    }
  }

  private func vision(
    _ configuration: ModelConfiguration, _ images: ImageTraits, _ shards: ShardedWeights
  ) throws -> ImportedModel {
    let weights = MappedWeights(shards: shards, locations: [:])
    let recipe = try preprocessing()
    let missing =
      "preprocessor_config.json is not there: pictures are resized, with a mean and deviation of 0.5"
    let model = try ImportedModel(
      configuration: configuration, labels: config.labels(), preprocessing: recipe ?? .usual(images),
      weights: weights, format: "huggingface", licence: licence(), notes: recipe == nil ? [missing] : [])
    // The pooler is trained with the backbone but not used for classification.
    try weights.requireNoOthers(model.tensors.map(\.name)) { $0.hasPrefix("vit.pooler.") }
    return model
  }

  private func language(
    _ configuration: ModelConfiguration, _ layout: HuggingFaceLayout, _ defaults: Settings?,
    _ shards: ShardedWeights
  ) throws -> ImportedModel {
    let weights = MappedWeights(shards: shards, locations: layout.locations(configuration.tensorTable))
    let generation = try defaults.map { try GenerationSettings($0) }
    let head = try HeadCopy(of: configuration, in: weights)
    let template = try FolderTemplate(path)
    let model = try ImportedModel(
      configuration: head.configuration, generation: generation?.defaults ?? GenerationDefaults(),
      chatTemplate: template.text, weights: layout.folded(weights, head.configuration.tensorTable),
      format: "huggingface", licence: licence(), tokens: tokenClaims(defaults),
      notes: (generation?.notes ?? []) + head.notes + template.notes + contextNotes(configuration))
    let isTied = head.configuration.tensorTable.find(.head) == nil
    try weights.requireNoOthers(model.tensors.map(\.name)) {
      // Old exports store the rotary table; tied ones may store the embedding a second time.
      $0.hasSuffix(".rotary_emb.inv_freq") || ($0 == "lm_head.weight" && isTied)
    }
    return model
  }

  /// A note where the model is imported with a shorter context than config.json names.
  private func contextNotes(_ configuration: ModelConfiguration) throws -> [String] {
    guard let tokens = configuration.contextTokens,
      try config.integer("max_position_embeddings", in: Limits.context, or: tokens) > tokens
    else { return [] }
    return [
      "config.json: 'longrope' turns sequences of more than \(tokens) tokens by other angles; the context is \(tokens)"
    ]
  }

  /// Weights that another program quantized have scales beside them, which nothing here reads.
  private func requireUnquantized() throws {
    guard let settings = try config.object("quantization_config") else { return }
    let method = settings["quant_method"]?.text ?? "set"
    throw ImportError.unsupportedSetting(
      file: config.file, key: "quantization_config", found: method, supported: ["none: float weights"])
  }

  private func tokenClaims(_ generation: Settings?) throws -> TokenClaims {
    let tokenizer = try Settings.read("tokenizer_config.json", in: path)
    var claims = TokenClaims()
    for settings in [generation, config].compactMap(\.self) {
      try claims.add(settings, vocabulary: config.integer("vocab_size", in: Limits.vocabulary))
    }
    claims.namesEndToken = tokenizer?["eos_token"] != nil
    if let tokenizer, try tokenizer.flag("add_eos_token", or: false) {
      claims.endTokenAdder = "\(tokenizer.file): 'add_eos_token'"
    }
    return claims
  }

  private func preprocessing() throws -> ImagePreprocessing? {
    try Settings.read("preprocessor_config.json", in: path).map { try ImagePreprocessing(huggingFace: $0) }
  }

  /// The `license` line of the model card's front matter.
  private func licence() throws -> String? {
    guard let card = try optionalFile("README.md", in: path) else { return nil }
    let lines = String(decoding: card.contents().prefix(1 << 16), as: UTF8.self).split(separator: "\n")
      .prefix(200)
    guard lines.first == "---" else { return nil }
    let front = lines.dropFirst().prefix { $0 != "---" }
    guard let line = front.first(where: { $0.hasPrefix("license:") }) else { return nil }
    return String(line.dropFirst("license:".count).drop { $0 == " " })
  }
}
