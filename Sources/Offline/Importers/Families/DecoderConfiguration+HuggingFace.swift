import Architectures

extension DecoderConfiguration {
  /// Reads what all classes have; token ids of `generation` go before those of `config`.
  init(
    _ family: DecoderFamily, huggingFace config: Settings, generation: Settings?,
    _ defaults: HuggingFaceDefaults
  ) throws {
    try config.require(defaults.activationKey, among: defaults.activations)
    let width = try config.integer("hidden_size", in: Limits.width)
    let heads = try config.integer("num_attention_heads", in: Limits.heads)
    let vocabulary = try config.integer("vocab_size", in: Limits.vocabulary)
    let context = try config.integer("max_position_embeddings", in: Limits.context, or: defaults.context)
    let headSize = try config.integer(
      "head_dim", in: Limits.headSize, or: defaults.headSize ?? width / heads)
    func ids(_ key: String) throws -> [Int]? {
      try generation?.integers(key, in: 0..<vocabulary) ?? config.integers(key, in: 0..<vocabulary)
    }
    let rope = try HuggingFaceRope(config, defaults, context: context, headSize: headSize)
    self.init(
      family: family, width: width, hidden: try config.integer("intermediate_size", in: Limits.hidden),
      layers: try config.integer("num_hidden_layers", in: Limits.layers), heads: heads,
      keyValueHeads: try config.keyValueHeads(defaults, heads: heads),
      headSize: headSize, vocabulary: vocabulary, context: rope.context, ropeTheta: rope.theta,
      ropeScaling: rope.rule,
      normEpsilon: Float(try config.number("rms_norm_eps", in: Limits.epsilon, or: defaults.normEpsilon)),
      tiedEmbeddings: try config.flag("tie_word_embeddings", or: defaults.tiedEmbeddings),
      beginToken: try ids("bos_token_id")?.first,
      endTokens: try ids("eos_token_id") ?? [])
    rotaryChannels = rope.channels
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

  /// Reads `attention_bias`, which all four projections of attention have, and `mlp_bias` where the class has one.
  mutating func readBiases(_ config: Settings, feedForward: Bool = true) throws {
    queryKeyValueBias = try config.flag("attention_bias", or: false)
    attentionOutputBias = queryKeyValueBias
    if feedForward { feedForwardBias = try config.flag("mlp_bias", or: false) }
  }

  /// Sets the window of each layer; one that no context exceeds is none.
  mutating func setWindows(_ windows: [Int?]) {
    let needed = windows.map { window in window.flatMap { $0 < context ? $0 : nil } }
    self.windows = needed.contains { $0 != nil } ? needed.period : []
  }

  /// Sets the factor of products of query and key.
  mutating func setAttentionScale(_ scale: Double) {
    let isUsual = abs(scale * Double(headSize).squareRoot() - 1) < 1e-7
    attentionScale = isUsual ? nil : Float(scale)
  }
}

extension Array where Element: Equatable {
  /// The shortest beginning that gives the whole when it is repeated.
  var period: [Element] {
    let length = (1...Swift.max(1, count)).first { length in
      indices.allSatisfy { self[$0] == self[$0 % length] }
    }
    return Array(prefix(length ?? count))
  }
}

// Settings whose absence means something else than null.
extension Settings {
  fileprivate func keyValueHeads(_ defaults: HuggingFaceDefaults, heads: Int) throws -> Int {
    let key = "num_key_value_heads"
    let said = try integer(key, in: Limits.heads, unlessSaid: defaults.keyValueHeads ?? heads)
    guard let count = said ?? (defaults.takesNullHeads ? heads : nil) else { throw missing(key) }
    return count
  }

  /// An integer in `range`; nil for null, and `usual` where the file says nothing.
  func integer(_ key: String, in range: ClosedRange<Int>, unlessSaid usual: Int?) throws -> Int? {
    if values[key] == nil { return usual }
    return self[key] == nil ? nil : try integer(key, in: range)
  }

  /// A number in `range`; nil for null, and `usual` where the file says nothing.
  func number(_ key: String, in range: ClosedRange<Double>, unlessSaid usual: Double?) throws -> Double? {
    if values[key] == nil { return usual }
    return self[key] == nil ? nil : try number(key, in: range)
  }

  /// The window of each layer: of those that `layer_types` calls sliding, or without it of those that `slides` names.
  func windows(of layers: Int, _ window: Int?, where slides: (Int) -> Bool) throws -> [Int?] {
    guard let types = try texts("layer_types") else { return (0..<layers).map { slides($0) ? window : nil } }
    guard types.count == layers else {
      throw ImportError.outOfRange(
        file: file, key: "layer_types", found: "\(types.count) names",
        expected: "one for each of \(layers) layers")
    }
    return try types.map { type in
      switch (type, window) {
      case ("full_attention", _): return nil
      case ("sliding_attention", let window?): return window
      case ("sliding_attention", nil): throw missing("sliding_window")
      default:
        throw ImportError.unsupportedSetting(
          file: file, key: "layer_types", found: type, supported: ["full_attention", "sliding_attention"])
      }
    }
  }
}
