import Architectures

/// A class of `transformers` whose models can be imported: how its config.json becomes a configuration.
///
/// A family a file: what tells its configuration from others' stands there alone.
struct HuggingFaceArchitecture: Sendable {
  /// As `architectures` calls it.
  let name: String
  var layout = HuggingFaceLayout()
  /// From config.json, and generation_config.json where there is one.
  let read: @Sendable (_ config: Settings, _ generation: Settings?) throws -> ModelConfiguration

  static let all = [
    vit, llama, mistral, qwen2, qwen3, smolLM3, granite, olmo2, phi3, gemma, gemma2, gemma3,
  ]

  private static let vit = Self(name: "ViTForImageClassification") { config, _ in
    .vision(try VisionConfiguration(huggingFace: config))
  }

  /// A class of decoders: `adjust` reads what `DecoderConfiguration(_:huggingFace:generation:)` does not, and what nobody
  /// reads is refused unless it is known to change nothing.
  ///
  /// - Parameter harmless: Keys that change nothing for this class, beside those that change nothing for any.
  static func decoder(
    _ name: String, _ family: DecoderFamily, _ defaults: HuggingFaceDefaults = HuggingFaceDefaults(),
    layout: HuggingFaceLayout = HuggingFaceLayout(), harmless: [String] = [],
    adjust: @escaping @Sendable (inout DecoderConfiguration, Settings) throws -> Void
  ) -> HuggingFaceArchitecture {
    Self(name: name, layout: layout) { config, generation in
      var configuration = try DecoderConfiguration(
        family, huggingFace: config, generation: generation, defaults)
      if !defaults.turnsParts, configuration.rotaryChannels != nil {
        throw ImportError.unsupportedSetting(
          file: config.file, key: "partial_rotary_factor", found: "less than 1", supported: ["1"])
      }
      try adjust(&configuration, config)
      try config.requireOnlyKnown(harmless)
      return .decoder(configuration)
    }
  }

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

/// What a class of decoders takes where config.json leaves a setting out.
struct HuggingFaceDefaults: Sendable {
  var context = 2_048
  /// Nil for as many as query heads.
  var keyValueHeads: Int?
  /// Whether null means as many key-value heads as query heads; other classes refuse it.
  var takesNullHeads = true
  /// Nil for what is left of the width to each head.
  var headSize: Int?
  var normEpsilon = 1e-6
  var ropeTheta = 10_000.0
  /// Whether a part of each head may be turned; other classes turn all of it whatever the file says.
  var turnsParts = false
  /// Tokens that the model was first trained on; nil for `max_position_embeddings`.
  var originalContext: Int?
  var tiedEmbeddings = false
  var activationKey = "hidden_act"
  /// Names of the activation that mean the family's.
  var activations = ["silu"]
}
