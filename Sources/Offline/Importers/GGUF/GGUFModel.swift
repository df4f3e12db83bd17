import Architectures
import Checkpoints
import Packs

/// A model in a GGUF file, or in the parts of a split one.
package struct GGUFModel {
  private let parts: GGUFParts
  private let settings: GGUFSettings

  /// Whether a file lies at `path` that begins like GGUF, or like what came before it, whatever it is called.
  static func isLikely(_ path: String) -> Bool {
    guard let file = try? MappedFile(path: path) else { return false }
    return withExtendedLifetime(file) { GGUFFile.isLikely(file.bytes) }
  }

  /// Opens the file at `path` and checks its header.
  package init(path: String) throws {
    parts = try GGUFParts(path: path)
    settings = GGUFSettings(file: parts.name, values: parts.metadata)
  }

  /// Checks everything; of the weights only factors of rotary frequencies are read.
  package func model() throws -> ImportedModel {
    let source = try source()
    let configuration = ModelConfiguration.decoder(try DecoderConfiguration(gguf: source))
    let weights = GGUFWeights(parts, configuration.tensorTable, source.architecture)
    let generation = try generationDefaults()
    let model = try ImportedModel(
      configuration: configuration, generation: generation.defaults,
      chatTemplate: settings.text("tokenizer.chat_template"), weights: weights, format: "gguf",
      licence: settings.text("general.license"), tokens: tokenClaims(configuration),
      notes: notes + contextNotes(configuration, source) + generation.notes)
    try weights.requireOnly(GGUFRope.tensors)
    return model
  }

  /// What the metadata says of the model, without a look at the weights.
  func configuration() throws -> DecoderConfiguration { try DecoderConfiguration(gguf: source()) }

  private func source() throws -> GGUFSource {
    try requireModel()
    return GGUFSource(architecture: try GGUFArchitecture.find(settings), settings: settings, parts: parts)
  }

  /// Adapters, projectors and importance matrices are GGUF files too.
  private func requireModel() throws {
    if let type = try settings.text("general.type"), type != "model" {
      throw ImportError.unsupportedSource(
        found: parts.name, advice: "it is a GGUF file of type \(quoted(type)); \(Self.remedy(type))")
    }
    // Blocks of version 1 were laid out differently.
    try settings.require("general.quantization_version", among: ["2"])
  }

  private static func remedy(_ type: String) -> String {
    switch type {
    case "adapter":
      "merge it into its base model: llama-export-lora -m BASE.gguf --lora ADAPTER.gguf -o MERGED.gguf"
    default: "give the GGUF file of the language model itself"
    }
  }

  // MARK: Settings beside the configuration

  private var notes: [String] {
    var notes: [String] = []
    if parts.hasBlocks {
      notes.append("\(parts.name): its matrices are \(parts.matrixTypes); what was rounded is rounded again")
    }
    let others = settings.keys.filter { $0.hasPrefix("tokenizer.chat_template.") }
    if !others.isEmpty {
      let used =
        settings["tokenizer.chat_template"] == nil
        ? "the file has no default one, so that conversations need another import" : "the default one is used"
      notes.append(
        "\(parts.name): chat templates \(others.map(quoted).joined(separator: ", ")) left out; \(used)")
    }
    return notes
  }

  /// What to say of a context that is shorter than the file has it.
  private func contextNotes(_ configuration: ModelConfiguration, _ source: GGUFSource) throws -> [String] {
    guard let tokens = configuration.contextTokens,
      try source.integer("context_length", Limits.context) > tokens
    else { return [] }
    return [
      "\(parts.name): sequences of more than \(tokens) tokens are turned by other angles; the context is \(tokens)"
    ]
  }

  private func tokenClaims(_ configuration: ModelConfiguration) throws -> TokenClaims {
    let vocabulary = configuration.sequences?.vocabulary ?? 1
    func id(_ name: String) throws -> [Int] {
      let id = try settings.integerIfPresent("tokenizer.ggml.\(name)_token_id", in: 0...vocabulary - 1)
      return id.map { [$0] } ?? []
    }
    var claims = TokenClaims()
    let begin = try id("bos")
    if !begin.isEmpty { claims.begin = [.init(file: parts.name, ids: begin)] }
    let ends = try id("eos") + id("eot") + id("eom")
    if !ends.isEmpty { claims.ends = [.init(file: parts.name, ids: ends)] }
    claims.namesEndToken = true
    let key = "tokenizer.ggml.add_eos_token"
    if try settings.flag(key) ?? false { claims.endTokenAdder = "\(parts.name): '\(key)'" }
    return claims
  }

  /// `general.sampling.*`, as the model's author recommends it.
  private func generationDefaults() throws -> (defaults: GenerationDefaults, notes: [String]) {
    typealias Allowed = GenerationDefaults.Allowed
    let prefix = "general.sampling."
    var (defaults, notes) = (GenerationDefaults(), [String]())
    defaults.temperature = try settings.numberIfPresent(prefix + "temp", in: Allowed.temperature)
    defaults.topK = try settings.integerIfPresent(prefix + "top_k", in: Allowed.topK)
    defaults.topP = try settings.numberIfPresent(prefix + "top_p", in: Allowed.probability)
    defaults.minP = try settings.numberIfPresent(prefix + "min_p", in: Allowed.probability)
    defaults.repetitionPenalty = try settings.numberIfPresent(
      prefix + "penalty_repeat", in: Allowed.repetitionPenalty)
    let read = ["temp", "top_k", "top_p", "min_p", "penalty_repeat"].map { prefix + $0 }
    for key in settings.keys where key.hasPrefix(prefix) && !read.contains(key) {
      // 0 is every such setting's word for "off".
      guard let value = settings[key], value.number != 0 else { continue }
      defaults.leftOut = (defaults.leftOut ?? []) + [key]
      notes.append("\(parts.name): '\(key)' is \(value.found), which is not implemented and left out")
    }
    return (defaults, notes)
  }
}
