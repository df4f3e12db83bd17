extension DecoderConfiguration {
  /// Checks sizes and features; see ``ModelConfiguration/validate()``.
  package func validate() throws(ArchitectureError) {
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
    try require(positive: "rms_norm_eps", Double(normEpsilon), atMost: 1)
    try require(positive: "rope_theta", ropeTheta, atMost: 1e12)
    try validateRopeScaling()
    try validateFeatures()
    for token in endTokens { try require("eos_token_id", token, in: 0...vocabulary - 1) }
    if let beginToken { try require("bos_token_id", beginToken, in: 0...vocabulary - 1) }
  }

  private func validateFeatures() throws(ArchitectureError) {
    try require("norm", norm, among: [.rms])
    try require("feed_forward", feedForward, among: [.gatedSiLU])
    try require("rotary", rotary, among: [.rotateHalf])
    try require("query_key_value_bias", queryKeyValueBias, among: [false])
    try require("query_key_norm", queryKeyNorm, among: [false])
  }

  private func validateRopeScaling() throws(ArchitectureError) {
    guard let scaling = ropeScaling else { return }
    try require(positive: "rope_scaling.factor", scaling.factor, atMost: 1e6)
    try require(positive: "rope_scaling.low_freq_factor", scaling.lowFrequencyFactor, atMost: 1e6)
    try require(positive: "rope_scaling.high_freq_factor", scaling.highFrequencyFactor, atMost: 1e6)
    try require("rope_scaling.original_max_position_embeddings", scaling.originalContext, in: Bound.context)
    guard scaling.lowFrequencyFactor < scaling.highFrequencyFactor else {
      throw ArchitectureError(
        field: "rope_scaling.low_freq_factor", found: "\(scaling.lowFrequencyFactor)",
        expected: "it must be below high_freq_factor = \(scaling.highFrequencyFactor)")
    }
  }
}
