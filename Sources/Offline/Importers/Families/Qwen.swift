extension HuggingFaceArchitecture {
  /// Qwen 2 and 2.5.
  static let qwen2 = decoder(
    "Qwen2ForCausalLM", .qwen2, .init(context: 32_768, keyValueHeads: 32), harmless: ["sliding_window"]
  ) {
    configuration, config in
    configuration.queryKeyValueBias = true
    configuration.setWindows(try config.qwenWindows(layers: configuration.layers))
  }

  static let qwen3 = decoder(
    "Qwen3ForCausalLM", .qwen3, .init(context: 32_768, keyValueHeads: 32, headSize: 128),
    harmless: ["sliding_window"]
  ) {
    configuration, config in
    try configuration.readBiases(config, feedForward: false)
    configuration.queryKeyNorm = .perHead
    configuration.setWindows(try config.qwenWindows(layers: configuration.layers))
  }
}

extension Settings {
  /// The window of each layer: of those from `max_window_layers` on, or as `layer_types` says.
  fileprivate func qwenWindows(layers: Int) throws -> [Int?] {
    let isOn = try flag("use_sliding_window", or: false)
    let window = isOn ? try integer("sliding_window", in: Limits.context, unlessSaid: 4_096) : nil
    let first = try integer("max_window_layers", in: 0...Limits.layers.upperBound, or: 28)
    return try windows(of: layers, window) { window != nil && $0 >= first }
  }
}
