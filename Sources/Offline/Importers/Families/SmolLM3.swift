import Architectures

extension HuggingFaceArchitecture {
  /// SmolLM3: every fourth layer knows no positions.
  static let smolLM3 = decoder(
    "SmolLM3ForCausalLM", .smollm3,
    .init(context: 32_768, keyValueHeads: 4, ropeTheta: 2e6, tiedEmbeddings: true),
    harmless: ["max_window_layers", "sliding_window"]
  ) { configuration, config in
    try configuration.readBiases(config)
    let turned = try config.turnedLayers(configuration.layers)
    configuration.rotaryLayers = turned.allSatisfy(\.self) ? [] : turned.map { $0 ? .usual : .none }.period
    let isOn = try config.flag("use_sliding_window", or: false)
    let window = isOn ? try config.integer("sliding_window", in: Limits.context, unlessSaid: nil) : nil
    configuration.setWindows(
      try config.windows(of: configuration.layers, window) { window != nil && !turned[$0] })
  }
}

extension Settings {
  /// Whether rotary embedding turns each layer: `no_rope_layers` has a 1 for those that it does turn.
  fileprivate func turnedLayers(_ layers: Int) throws -> [Bool] {
    let interval = try integer("no_rope_layer_interval", in: 1...Int(Int32.max), or: 4)
    guard let marks = try integers("no_rope_layers", in: 0..<2) else {
      return (0..<layers).map { ($0 + 1) % interval != 0 }
    }
    guard marks.count >= layers else {
      throw ImportError.outOfRange(
        file: file, key: "no_rope_layers", found: "\(marks.count) numbers",
        expected: "one for each of \(layers) layers")
    }
    return marks.prefix(layers).map { $0 == 1 }
  }
}
