extension ModelConfiguration {
  /// Checks every number of a configuration that came from a file, so that later arithmetic cannot overflow or divide by zero.
  package func validate() throws(ModelError) {
    switch self {
    case .vit(let vit): try vit.validate()
    case .llama(let llama): try llama.validate()
    }
  }
}

/// Bounds far above any model that fits this daemon, and far below any product that could overflow.
private enum Bound {
  static let width = 1...65_536
  static let layers = 1...1_024
  static let vocabulary = 1...4_194_304
  static let context = 1...16_777_216
  /// Values of the rotary table, which no tensor of the file vouches for: half a million positions at heads of 128.
  static let rotaryValues = 1 << 26
  static let headSize = 4...512
}

private func require(
  _ field: String, _ value: Int, in range: ClosedRange<Int>
) throws(ModelError) {
  guard range.contains(value) else {
    throw .configuration(
      field: field, found: "\(value)", expected: "it must be in \(range.lowerBound)…\(range.upperBound)")
  }
}

private func require(
  _ field: String, _ value: Int, dividesBy divisor: Int, named name: String
) throws(ModelError) {
  guard value % divisor == 0 else {
    throw .configuration(
      field: field, found: "\(value)", expected: "it must be a multiple of \(name) = \(divisor)")
  }
}

private func require(positive field: String, _ value: Double, atMost bound: Double) throws(ModelError) {
  guard value > 0, value <= bound else {
    throw .configuration(field: field, found: "\(value)", expected: "it must be above 0 and at most \(bound)")
  }
}

extension ViTConfiguration {
  package func validate() throws(ModelError) {
    try require("image_size", imageSize, in: 1...4_096)
    try require("patch_size", patchSize, in: 1...imageSize)
    try require("image_size", imageSize, dividesBy: patchSize, named: "patch_size")
    guard channels == 3 else {
      throw .configuration(field: "num_channels", found: "\(channels)", expected: "images have 3 channels")
    }
    try require("hidden_size", width, in: Bound.width)
    try require("num_hidden_layers", layers, in: Bound.layers)
    try require("num_attention_heads", heads, in: 1...width)
    try require("hidden_size", width, dividesBy: heads, named: "num_attention_heads")
    try require("head size", headSize, in: Bound.headSize)
    try require("head size", headSize, dividesBy: 4, named: "lanes")
    try require("intermediate_size", hidden, in: Bound.width)
    try require("num_labels", classes, in: 1...1_000_000)
    try require("patches", patches, in: 1...65_536)
    try require(positive: "layer_norm_eps", Double(layerNormEpsilon), atMost: 1)
  }
}

extension LlamaConfiguration {
  package func validate() throws(ModelError) {
    try require("hidden_size", width, in: Bound.width)
    try require("intermediate_size", hidden, in: 1...262_144)
    try require("num_hidden_layers", layers, in: Bound.layers)
    try require("num_attention_heads", heads, in: 1...1_024)
    try require("num_key_value_heads", keyValueHeads, in: 1...heads)
    try require("num_attention_heads", heads, dividesBy: keyValueHeads, named: "num_key_value_heads")
    try require("head_dim", headSize, in: Bound.headSize)
    try require("head_dim", headSize, dividesBy: 4, named: "lanes")
    try require("vocab_size", vocabulary, in: Bound.vocabulary)
    try require("max_position_embeddings", context, in: 1...Bound.rotaryValues / headSize)
    try require(positive: "rms_norm_eps", Double(rmsNormEpsilon), atMost: 1)
    try require(positive: "rope_theta", ropeTheta, atMost: 1e12)
    try validateRopeScaling()
    for token in endTokens { try require("eos_token_id", token, in: 0...vocabulary - 1) }
    if let beginToken { try require("bos_token_id", beginToken, in: 0...vocabulary - 1) }
  }

  private func validateRopeScaling() throws(ModelError) {
    guard let scaling = ropeScaling else { return }
    try require(positive: "rope_scaling.factor", scaling.factor, atMost: 1e6)
    try require(positive: "rope_scaling.low_freq_factor", scaling.lowFrequencyFactor, atMost: 1e6)
    try require(positive: "rope_scaling.high_freq_factor", scaling.highFrequencyFactor, atMost: 1e6)
    try require("rope_scaling.original_max_position_embeddings", scaling.originalContext, in: Bound.context)
    guard scaling.lowFrequencyFactor < scaling.highFrequencyFactor else {
      throw .configuration(
        field: "rope_scaling.low_freq_factor", found: "\(scaling.lowFrequencyFactor)",
        expected: "it must be below high_freq_factor = \(scaling.highFrequencyFactor)")
    }
  }
}
