import Architectures

extension GGUFArchitecture {
  /// The architectures that are read, with the defaults of llama.cpp. Mistral's files are of `llama`.
  static let all = [
    Self(name: "llama", family: .llama, rotary: .interleaved, harmless: ["tensor_data_layout"]),
    Self(name: "qwen2", family: .qwen2),
    Self(name: "qwen3", family: .qwen3) { configuration, _ in configuration.queryKeyNorm = .perHead },
    Self(name: "smollm3", family: .smollm3, rotary: .interleaved) { configuration, _ in
      // No key says which layers know no positions.
      configuration.rotaryLayers = (1...configuration.layers).map { $0 % 4 == 0 ? .none : .usual }.period
    },
    granite, olmo2,
    Self(name: "phi3", family: .phi3, joinsGateUp: true) { configuration, source in
      configuration.setWindows([try source.window(usual: nil)])
    },
    Self(name: "gemma", family: .gemma) { configuration, _ in configuration.setGemma() },
    gemma2, gemma3,
  ]

  private static let granite = Self(name: "granite", family: .granite, rotary: .interleaved) {
    configuration, source in
    configuration.embeddingScale = Float(try source.factor("embedding_scale", or: nil) ?? 1)
    configuration.residualScale = Float(try source.factor("residual_scale", or: nil) ?? 1)
    configuration.logitScale = Float(
      1 / (try source.settings.number(source.key("logit_scale"), in: 1e-6...1e6)))
    if let scale = try source.factor("attention.scale", or: nil) { configuration.setAttentionScale(scale) }
    // The key that says elsewhere where a rule comes from says here whether there are positions.
    if try source.settings.flag(source.key("rope.scaling.finetuned")) == false {
      configuration.rotaryLayers = [.none]
    }
  }

  /// OLMo 2, and OLMo 3, whose layers with a window turn by the same base without a rule.
  private static let olmo2 = Self(name: "olmo2", family: .olmo2) { configuration, source in
    configuration.branchNorms = .output
    configuration.queryKeyNorm = .overWidth
    let windows = try source.windows(of: configuration.layers, usual: nil, period: 4)
    configuration.setWindows(windows)
    if configuration.ropeScaling != nil { configuration.setLocalRope(configuration.ropeTheta, windows) }
  }

  private static let gemma2 = Self(name: "gemma2", family: .gemma2) { configuration, source in
    configuration.setGemma()
    configuration.branchNorms = .both
    configuration.setWindows(try source.windows(of: configuration.layers, usual: 4_096, period: 2))
    configuration.attentionSoftCap = try source.factor("attn_logit_softcapping", or: 50).map { Float($0) }
    configuration.logitSoftCap = try source.factor("final_logit_softcapping", or: 30).map { Float($0) }
    // The largest model, told by its layers, divides by the width's share of a head; no key says it.
    if configuration.layers == 46 { configuration.scaleByWidth() }
  }

  private static let gemma3 = Self(name: "gemma3", family: .gemma3) { configuration, source in
    configuration.setGemma()
    configuration.branchNorms = .both
    configuration.queryKeyNorm = .perHead
    let windows = try source.windows(of: configuration.layers, usual: nil, period: 6)
    configuration.setWindows(windows)
    configuration.setLocalRope(try source.number("rope.freq_base_swa", 1...1e12, or: 10_000), windows)
    configuration.logitSoftCap = try source.factor("final_logit_softcapping", or: nil).map { Float($0) }
    if configuration.layers == 62 { configuration.scaleByWidth() }
  }
}

extension DecoderConfiguration {
  /// Divides products of query and key by √(width / heads) whatever the heads' size.
  fileprivate mutating func scaleByWidth() { setAttentionScale(1 / Double(width / heads).squareRoot()) }
}

extension GGUFSource {
  /// `attention.sliding_window`; nil for 0, and `usual` where the file says nothing.
  fileprivate func window(usual: Int?) throws -> Int? {
    let name = "attention.sliding_window"
    guard let value = settings[key(name)] else { return usual }
    return value.integer == 0 ? nil : try integer(name, Limits.context)
  }

  /// The window of each layer, which all have but the last of each `period`, or those that the file lists.
  fileprivate func windows(of layers: Int, usual: Int?, period: Int) throws -> [Int?] {
    let window = try window(usual: usual)
    let key = key("attention.sliding_window_pattern")
    guard let list = settings[key]?.array else {
      let period = try settings.integerIfPresent(key, in: 0...Limits.layers.upperBound) ?? period
      return (0..<layers).map { period == 0 || $0 % period < period - 1 ? window : nil }
    }
    let slides = list.values.compactMap { $0.flag ?? $0.integer.map { $0 != 0 } }
    guard slides.count == layers, list.count == layers else {
      throw ImportError.outOfRange(
        file: settings.file, key: key, found: "\(list.count) values",
        expected: "a flag for each of \(layers) layers")
    }
    return slides.map { $0 ? window : nil }
  }
}
