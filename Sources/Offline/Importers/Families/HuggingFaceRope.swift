import Architectures

#if canImport(Glibc)
  import Glibc
#endif

/// The rotary settings of a config.json, which has had several homes for them.
///
/// They are joined as `transformers` 5 does it: an object `rope_scaling` goes before `rope_parameters`, and what the object
/// leaves out is read beside it.
struct HuggingFaceRope {
  private(set) var theta: Double
  private(set) var rule: RopeRule?
  /// Channels of a head that are turned; nil for all.
  private(set) var channels: Int?
  /// The most tokens of a sequence.
  private(set) var context: Int

  init(_ config: Settings, _ defaults: HuggingFaceDefaults, context: Int, headSize: Int) throws {
    let object = try config.ropeObject()
    self.context = context
    let home = object?["rope_theta"] == nil ? config : object ?? config
    theta = try home.number("rope_theta", in: 1...1e12, or: defaults.ropeTheta)
    channels = try Self.channels(config, object, headSize: headSize)
    config.passOver(["rope_theta", "partial_rotary_factor", "original_max_position_embeddings"])
    guard let object else { return }
    object.passOver(HuggingFaceKeys.rope)
    let settings = RopeObject(
      settings: object, context: context, original: try Self.original(config, object, defaults, context))
    rule = try settings.rule(isPhi: defaults.originalContext != nil)
    if case .longRope(let rule) = rule {
      // Longer sequences turn every token by other angles, also those that the cache holds already.
      self.context = min(context, rule.originalContext)
    }
  }

  private static func channels(_ config: Settings, _ object: Settings?, headSize: Int) throws -> Int? {
    let key = "partial_rotary_factor"
    let home = object?[key] == nil ? config : object ?? config
    let share = try home.number(key, in: 1e-3...1, or: 1)
    if share == 1 { return nil }
    let channels = Int(Double(headSize) * share)
    guard channels >= 2, channels % 2 == 0 else {
      throw ImportError.outOfRange(
        file: config.file, key: key, found: "a share of \(channels) channels",
        expected: "an even number of the \(headSize) channels of a head")
    }
    return channels == headSize ? nil : channels
  }

  private static func original(
    _ config: Settings, _ object: Settings, _ defaults: HuggingFaceDefaults, _ context: Int
  ) throws -> Int {
    let key = "original_max_position_embeddings"
    if config[key] != nil { return try config.integer(key, in: Limits.context) }
    return try defaults.originalContext ?? object.integer(key, in: Limits.context, or: context)
  }
}

/// The object that holds a rule's numbers.
private struct RopeObject {
  let settings: Settings
  let context: Int
  let original: Int

  /// - Parameter isPhi: Whether `su` and `yarn` mean `longrope`, as early files of Phi-3 have it.
  func rule(isPhi: Bool) throws -> RopeRule? {
    let key = settings["rope_type"] == nil ? "type" : "rope_type"
    let kinds = ["default", "linear", "dynamic", "llama3", "yarn", "longrope"]
    try settings.require(key, among: isPhi ? ["default", "yarn", "longrope", "su"] : kinds)
    switch try settings.text(key) ?? "default" {
    case "linear": return .linear(factor: try factor())
    case "dynamic":
      // Stretches what is longer than the context, which no sequence is.
      _ = try factor()
      return nil
    case "llama3": return .llama3(try llama3())
    case "longrope", "su": return .longRope(try longRope())
    case "yarn": return isPhi ? .longRope(try longRope()) : .yarn(try yarn())
    default: return nil
    }
  }

  private func factor() throws -> Double { try settings.number("factor", in: 1...1e6) }

  private func llama3() throws -> DecoderConfiguration.RopeScaling {
    let low = try settings.number("low_freq_factor", in: 1e-3...1e6)
    let high = try settings.number("high_freq_factor", in: 1e-3...1e6)
    guard low < high else {
      throw ImportError.outOfRange(
        file: settings.file, key: "rope_scaling.high_freq_factor", found: "\(high)",
        expected: "more than low_freq_factor, \(low)")
    }
    return .init(
      factor: try factor(), lowFrequencyFactor: low, highFrequencyFactor: high, originalContext: original)
  }

  private func yarn() throws -> RopeRule.YaRN {
    let factor = try settings.number("factor", in: 1...1e6, or: Double(context) / Double(original))
    func magnitude(_ share: Double) -> Double { factor <= 1 ? 1 : 0.1 * share * log(factor) + 1 }
    let shares = (
      try settings.number("mscale", in: 0...1e3, or: 0),
      try settings.number("mscale_all_dim", in: 0...1e3, or: 0)
    )
    let inferred = shares.0 > 0 && shares.1 > 0 ? magnitude(shares.0) / magnitude(shares.1) : magnitude(1)
    return .init(
      factor: factor, fastTurns: try settings.number("beta_fast", in: 1e-3...1e6, or: 32),
      slowTurns: try settings.number("beta_slow", in: 1e-3...1e6, or: 1), originalContext: original,
      magnitude: try settings.number("attention_factor", in: 1e-3...1e3, or: inferred),
      wholePairs: try settings.flag("truncate", or: true))
  }

  private func longRope() throws -> RopeRule.LongRope {
    let factor = try settings.number(
      "factor", in: 1e-3...1e6, or: Double(context) / Double(original))
    let inferred = factor <= 1 ? 1 : (1 + log(factor) / log(Double(original))).squareRoot()
    func list(_ key: String) throws -> [Double] {
      guard let numbers = try settings.numbers(key) else { throw settings.missing(key) }
      return numbers
    }
    return .init(
      shortFactors: try list("short_factor"), longFactors: try list("long_factor"),
      originalContext: original,
      magnitude: try settings.number("attention_factor", in: 1e-3...1e3, or: inferred))
  }
}

extension Settings {
  /// The object of rotary settings that counts; of Gemma 3's two, that of the layers without a window.
  fileprivate func ropeObject() throws -> Settings? {
    let scaling = try object("rope_scaling")
    if let parameters = try object("rope_parameters") {
      if let full = try parameters.object("full_attention") { return full }
      if scaling?.values.isEmpty ?? true { return parameters }
      parameters.passOver(HuggingFaceKeys.rope)
    }
    return scaling
  }
}
