import Architectures
import Checkpoints

/// An architecture of llama.cpp that can be imported: how its metadata becomes a configuration.
///
/// One line of ``all`` an architecture. ``DecoderConfiguration/init(gguf:)`` reads what they have in common; what one has
/// beyond that stands in its line.
struct GGUFArchitecture: Sendable {
  /// As `general.architecture` calls it; the prefix of its keys.
  let name: String
  /// What packs call it.
  let family: DecoderFamily
  /// Which rows of query and key the files have beside each other: converters reorder them for some architectures.
  let rotary: RotaryKind
  /// Keys after the prefix that are known and change no answer.
  var harmless: [String] = []
  /// What the architecture has beyond the common keys; what is asked for here counts as read.
  let adjust: @Sendable (inout DecoderConfiguration, GGUFSource) throws -> Void

  static let all = [
    Self(name: "llama", family: .llama, rotary: .interleaved, harmless: ["tensor_data_layout"]) {
      configuration, source in
      configuration.queryKeyValueBias = source.has("blk.0.attn_q.bias")
    }
  ]

  static func find(_ settings: GGUFSettings) throws(ImportError) -> GGUFArchitecture {
    let key = "general.architecture"
    guard let name = try settings.text(key) else { throw .missingSetting(file: settings.file, key: key) }
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unsupportedSetting(
        file: settings.file, key: key, found: String(name.prefix(96)), supported: all.map(\.name))
    }
    return found
  }
}

/// What an architecture's configuration is read from: the metadata under its prefix, and which tensors there are.
struct GGUFSource {
  let architecture: GGUFArchitecture
  let settings: GGUFSettings
  let parts: GGUFParts

  func has(_ tensor: String) -> Bool { parts[tensor] != nil }

  /// `llama.block_count` of `block_count`.
  func key(_ name: String) -> String { "\(architecture.name).\(name)" }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
    try settings.integer(key(name), in: range)
  }

  func integer(_ name: String, _ range: ClosedRange<Int>, or fallback: Int) throws -> Int {
    try settings.integerIfPresent(key(name), in: range) ?? fallback
  }

  func number(_ name: String, _ range: ClosedRange<Double>, or fallback: Double) throws -> Double {
    try settings.numberIfPresent(key(name), in: range) ?? fallback
  }
}

extension DecoderConfiguration {
  /// Reads what all architectures have, with the defaults of llama.cpp.
  init(gguf source: GGUFSource) throws {
    let (settings, width) = (source.settings, try source.integer("embedding_length", Limits.width))
    let heads = try source.integer("attention.head_count", Limits.heads)
    // Without `key_length`, heads fill the width.
    if settings[source.key("attention.key_length")] == nil, width % heads != 0 {
      throw ImportError.outOfRange(
        file: settings.file, key: source.key("attention.head_count"), found: "\(heads)",
        expected: "a divisor of embedding_length, \(width)")
    }
    let headSize = try source.integer("attention.key_length", Limits.headSize, or: width / heads)
    let context = try source.integer("context_length", Limits.context)
    self.init(
      family: source.architecture.family, width: width,
      hidden: try source.integer("feed_forward_length", Limits.hidden),
      layers: try source.integer("block_count", Limits.layers), heads: heads,
      keyValueHeads: try source.integer("attention.head_count_kv", Limits.heads, or: heads),
      headSize: headSize, vocabulary: try source.vocabulary(), context: context,
      ropeTheta: try source.number("rope.freq_base", 1...1e12, or: 10_000),
      ropeScaling: try source.ropeScaling(headSize: headSize).map { .llama3($0) },
      normEpsilon: Float(
        try settings.number(source.key("attention.layer_norm_rms_epsilon"), in: Limits.epsilon)),
      tiedEmbeddings: !source.has("output.weight"), beginToken: nil, endTokens: [])
    try source.requireUsual(headSize: headSize)
    try source.architecture.adjust(&self, source)
    try checkDivisions(file: settings.file)
    try settings.requireAllAsked(
      prefix: source.key(""), except: ["vocab_size"] + source.architecture.harmless)
  }
}

extension GGUFSource {
  /// The rows of the embedding; `vocab_size` and the vocabulary are its own, and older files lack the first.
  fileprivate func vocabulary() throws -> Int {
    if let size = try settings.integerIfPresent(key("vocab_size"), in: Limits.vocabulary) { return size }
    guard let embedding = parts["token_embd.weight"], embedding.shape.rank == 2,
      Limits.vocabulary.contains(embedding.shape[0])
    else { throw ImportError.missingTensor(file: settings.file, tensor: "token_embd.weight") }
    return embedding.shape[0]
  }

  /// Refuses what the common keys can say and no model here computes.
  fileprivate func requireUsual(headSize: Int) throws {
    for (name, usual) in [("attention.value_length", headSize), ("rope.dimension_count", headSize)] {
      try settings.require(key(name), among: ["\(usual)"])
    }
    try settings.require(key("attention.causal"), among: ["true"])
    try settings.require(key("use_parallel_residual"), among: ["false"])
    for name in ["expert_count", "expert_used_count", "attention.clamp_kqv", "attention.max_alibi_bias"] {
      try settings.require(key(name), neutral: 0)
    }
  }
}
