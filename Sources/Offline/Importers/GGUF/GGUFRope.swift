import Architectures
import Checkpoints
import Glibc

/// The rotary settings of a GGUF file: keys, and factors that lie in tensors.
struct GGUFRope {
  let theta: Double
  private(set) var rule: RopeRule?
  /// Channels of a head that are turned; nil for all.
  private(set) var channels: Int?
  /// The most tokens of a sequence.
  private(set) var context: Int
  private let source: GGUFSource

  /// Tensors that nothing but this reads.
  static let tensors = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"]

  init(_ source: GGUFSource, context: Int, headSize: Int) throws {
    self.source = source
    self.context = context
    theta = try source.number("rope.freq_base", 1...1e12, or: 10_000)
    channels = try Self.channels(source, headSize: headSize)
    rule = try readRule(pairs: (channels ?? headSize) / 2)
    // Longer sequences turn every token by other angles, also those that the cache holds already.
    if case .longRope(let rule) = rule { self.context = min(context, rule.originalContext) }
  }

  /// Rows that lie in pairs were reordered as whole heads, so that a part of them cannot be turned.
  private static func channels(_ source: GGUFSource, headSize: Int) throws -> Int? {
    let name = "rope.dimension_count"
    guard source.architecture.rotary == .rotateHalf else {
      try source.settings.require(source.key(name), among: ["\(headSize)"])
      return nil
    }
    // A head that is implied by others' sizes may have one channel.
    let channels = try source.integer(name, 2...max(2, headSize), or: headSize)
    guard channels % 2 == 0 else {
      throw ImportError.outOfRange(
        file: source.settings.file, key: source.key(name), found: "\(channels)", expected: "an even number")
    }
    return channels == headSize ? nil : channels
  }

  private func readRule(pairs: Int) throws -> RopeRule? {
    let (settings, key) = (source.settings, source.key("rope.scaling.type"))
    try settings.require(key, among: ["none", "linear", "yarn", "longrope"])
    let original = try source.integer("rope.scaling.original_context_length", Limits.context, or: context)
    let type = try settings.text(key)
    let isLong = source.has(Self.tensors[1]) || source.has(Self.tensors[2])
    if isLong || type == "longrope" {
      try settings.require(key, among: ["longrope", "none"])
      return .longRope(try longRope(original, pairs: pairs))
    }
    if type == "yarn" {
      try requireNoFactors(beside: "yarn")
      return .yarn(try yarn(original))
    }
    try settings.require(source.key("rope.scaling.attn_factor"), neutral: 1)
    let said = try stretch()
    let factor = type == "none" ? 1 : said
    guard factor == 1 else {
      try requireNoFactors(beside: "linear")
      return .linear(factor: factor)
    }
    return try frequencyFactors(pairs: pairs)
  }

  /// What positions are divided by: absent, the type is linear, and 0 is another word for 1.
  private func stretch() throws -> Double {
    let old = try source.factor("rope.scale_linear", or: nil)
    let factor = try source.factor("rope.scaling.factor", or: nil) ?? old ?? 1
    guard factor >= 1 else {
      throw ImportError.outOfRange(
        file: source.settings.file, key: source.key("rope.scaling.factor"), found: "\(factor)",
        expected: "1 or more")
    }
    return factor
  }

  private func requireNoFactors(beside type: String) throws {
    guard source.has(Self.tensors[0]) else { return }
    throw ImportError.unsupportedSetting(
      file: source.settings.file, key: source.key("rope.scaling.type"), found: type,
      supported: ["none where there is a tensor '\(Self.tensors[0])'"])
  }

  /// The magnitude is llama.cpp's; a file that was told another one by the model's author has it in a key of its own,
  /// which llama.cpp does not read.
  private func yarn(_ original: Int) throws -> RopeRule.YaRN {
    let (settings, factor) = (source.settings, try stretch())
    let usual = 0.1 * log(factor) + 1
    try settings.require(source.key("rope.scaling.yarn_ext_factor"), neutral: 1)
    try settings.require(source.key("rope.scaling.yarn_log_multiplier"), neutral: 0)
    let said = try source.number("rope.scaling.yarn_attn_factor", 1e-3...1e3, or: usual)
    guard abs(said - usual) <= 1e-5 * usual else {
      throw ImportError.unsupportedSetting(
        file: settings.file, key: source.key("rope.scaling.yarn_attn_factor"), found: "\(said)",
        supported: ["\(usual), as llama.cpp computes it"])
    }
    return .init(
      factor: factor, fastTurns: try source.number("rope.scaling.yarn_beta_fast", 1e-3...1e6, or: 32),
      slowTurns: try source.number("rope.scaling.yarn_beta_slow", 1e-3...1e6, or: 1),
      originalContext: original,
      magnitude: usual * (try source.number("rope.scaling.attn_factor", 1e-3...1e3, or: 1)), wholePairs: true)
  }

  private func longRope(_ original: Int, pairs: Int) throws -> RopeRule.LongRope {
    try requireNoFactors(beside: "longrope")
    try source.settings.require(source.key("rope.scaling.factor"), neutral: 1)
    return .init(
      shortFactors: try factors(Self.tensors[2], pairs), longFactors: try factors(Self.tensors[1], pairs),
      originalContext: original,
      magnitude: try source.number("rope.scaling.attn_factor", 1e-3...1e3, or: 1))
  }

  private func factors(_ name: String, _ pairs: Int) throws -> [Double] {
    guard let tensor = source.parts[name] else {
      throw ImportError.missingTensor(file: source.settings.file, tensor: name)
    }
    guard tensor.shape == [pairs] else {
      throw ImportError.shapeMismatch(
        file: tensor.file, tensor: name, found: tensor.shape, expected: [pairs])
    }
    let factors = try tensor.floats().values.map { Double($0) }
    guard let wrong = factors.first(where: { !($0 > 0 && $0 <= 1e6) }) else { return factors }
    throw ImportError.outOfRange(
      file: tensor.file, key: name, found: "\(wrong)", expected: "factors above 0 and at most 1000000")
  }

  /// Files of Llama 3.1 and later do not name the rule: they have its factors, one for each frequency, written by a
  /// converter that knows the rule's four numbers. Those are found again by trying the numbers that models have; other
  /// factors are taken as they are, whatever the length of a sequence.
  private func frequencyFactors(pairs: Int) throws -> RopeRule? {
    guard source.has(Self.tensors[0]) else { return nil }
    let factors = try factors(Self.tensors[0], pairs)
    if factors.allSatisfy({ $0 == 1 }) { return nil }
    let frequencies = (0..<pairs).map { pow(theta, -Double($0) / Double(pairs)) }
    let found = DecoderConfiguration.RopeScaling.known(largest: factors.max() ?? 1).first {
      $0.gives(factors, frequencies)
    }
    return found.map { .llama3($0) }
      ?? .longRope(
        .init(shortFactors: factors, longFactors: factors, originalContext: context, magnitude: 1))
  }
}

extension DecoderConfiguration.RopeScaling {
  /// Rules whose slowest frequency is divided by `largest`.
  fileprivate static func known(largest: Double) -> [Self] {
    (11...18).map {
      Self(factor: largest, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 1 << $0)
    }
  }

  /// Whether the rule divides `frequencies` by `factors`, but for their rounding to float32.
  fileprivate func gives(_ factors: [Double], _ frequencies: [Double]) -> Bool {
    zip(factors, frequencies).allSatisfy { factor, frequency in
      let expected = frequency / scaled(frequency)
      return abs(factor - expected) <= 1e-5 * expected
    }
  }
}
