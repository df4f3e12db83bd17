import Architectures

extension HuggingFaceArchitecture {
  static let gemma = decoder(
    "GemmaForCausalLM", .gemma,
    // The first release said `gelu` and meant this form.
    .init(
      context: 8_192, keyValueHeads: 16, takesNullHeads: false, headSize: 256, tiedEmbeddings: true,
      activations: ["gelu_pytorch_tanh", "gelu"]),
    layout: .init(normsFromZero: true)
  ) { configuration, config in
    try configuration.readGemma(config)
  }

  /// Gemma 2: norms on both sides of a branch, capped logits, and a window over every second layer.
  static let gemma2 = decoder(
    "Gemma2ForCausalLM", .gemma2, .gemma(context: 8_192), layout: .init(normsFromZero: true),
    harmless: ["hidden_act", "sliding_window_size"]
  ) { configuration, config in
    try configuration.readGemma(config)
    try configuration.readGemma2(config, caps: (attention: 50, logits: 30))
    let window = try config.integer("sliding_window", in: Limits.context, unlessSaid: 4_096)
    configuration.setWindows(try config.windows(of: configuration.layers, window) { $0 % 2 == 0 })
  }

  /// Gemma 3 for text: five layers with a window and a rotary base of their own, then one without.
  static let gemma3 = decoder(
    "Gemma3ForCausalLM", .gemma3, .gemma(context: 131_072, ropeTheta: 1e6),
    layout: .init(normsFromZero: true),
    harmless: ["hidden_act", "_sliding_window_pattern", "sliding_window_pattern", "rope_local_base_freq"]
  ) { configuration, config in
    try configuration.readGemma(config)
    try configuration.readGemma2(config, caps: (attention: nil, logits: nil))
    configuration.queryKeyNorm = .perHead
    let window = try config.integer("sliding_window", in: Limits.context, unlessSaid: 4_096)
    let pattern = try config.integer("sliding_window_pattern", in: Limits.layers, or: 6)
    let windows = try config.windows(of: configuration.layers, window) { ($0 + 1) % pattern != 0 }
    configuration.setWindows(windows)
    try configuration.readLocalRope(config, windows)
  }
}

extension HuggingFaceDefaults {
  fileprivate static func gemma(context: Int, ropeTheta: Double = 10_000) -> Self {
    Self(
      context: context, keyValueHeads: 4, takesNullHeads: false, headSize: 256, ropeTheta: ropeTheta,
      tiedEmbeddings: true,
      activationKey: "hidden_activation",
      activations: ["gelu_pytorch_tanh"])
  }
}

extension DecoderConfiguration {
  /// Sets what all Gemmas have, whatever their files say.
  mutating func setGemma() {
    feedForward = .gatedGELUTanh
    embeddingScale = Float(Double(width).squareRoot())
  }

  /// Turns layers with a window by `theta`, without a rule.
  mutating func setLocalRope(_ theta: Double, _ windows: [Int?]) {
    guard windows.contains(where: { $0 != nil }) else { return }
    localRopeTheta = theta
    rotaryLayers = windows.map { $0 == nil ? .usual : .local }.period
  }

  /// Reads what all Gemmas have.
  fileprivate mutating func readGemma(_ config: Settings) throws {
    try config.requireOff("use_bidirectional_attention")
    try config.require("hidden_activation", among: ["gelu_pytorch_tanh"])
    try readBiases(config, feedForward: false)
    setGemma()
  }

  /// Reads what Gemma has from 2 on; null switches a cap off.
  fileprivate mutating func readGemma2(
    _ config: Settings, caps: (attention: Double?, logits: Double?)
  ) throws {
    branchNorms = .both
    setAttentionScale(1 / (try config.number("query_pre_attn_scalar", in: 1e-6...1e6, or: 256)).squareRoot())
    let range = 1e-3...1e6
    attentionSoftCap = try config.number(
      "attn_logit_softcapping", in: range, unlessSaid: caps.attention
    ).map { Float($0) }
    logitSoftCap = try config.number("final_logit_softcapping", in: range, unlessSaid: caps.logits)
      .map { Float($0) }
  }

  /// Reads the two rotary bases of Gemma 3: each in an object of its own, or as files before transformers 5 have them.
  fileprivate mutating func readLocalRope(_ config: Settings, _ windows: [Int?]) throws {
    let rules = try config.object("rope_parameters")
    if let key = rules?.values.keys.sorted().first(where: { HuggingFaceKeys.rope.contains($0) }) {
      throw ImportError.unsupportedSetting(
        file: config.file, key: "rope_parameters", found: key,
        supported: ["full_attention", "sliding_attention"])
    }
    let near = try rules?.object("sliding_attention")
    near?.passOver(HuggingFaceKeys.rope)
    try near?.require("rope_type", among: ["default"])
    try near?.require("partial_rotary_factor", among: ["nothing"])
    let home = near?["rope_theta"] == nil ? nil : near
    let theta =
      try home?.number("rope_theta", in: 1...1e12)
      ?? config.number("rope_local_base_freq", in: 1...1e12, or: 10_000)
    setLocalRope(theta, windows)
  }
}
