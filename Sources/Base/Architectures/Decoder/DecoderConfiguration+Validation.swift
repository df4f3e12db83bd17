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
    try ropeScaling?.validate(pairs: turnedChannels / 2)
    try validateLayers()
    try validateFactors()
    try require("norm", norm, among: [.rms])
    try require("feed_forward", feedForward, among: [.gatedSiLU, .gatedGELUTanh])
    try require("rotary", rotary, among: [.rotateHalf])
    try validateHadamard()
    for token in endTokens { try require("eos_token_id", token, in: 0...vocabulary - 1) }
    if let beginToken { try require("bos_token_id", beginToken, in: 0...vocabulary - 1) }
  }

  private func validateHadamard() throws(ArchitectureError) {
    guard downHadamard != 1 else { return }
    guard (2...64).contains(downHadamard), downHadamard.nonzeroBitCount == 1 else {
      throw ArchitectureError(
        field: "down hadamard", found: "\(downHadamard)", expected: "it must be a power of two from 1 to 64")
    }
    try require("intermediate_size", hidden, dividesBy: 16 * downHadamard, named: "down hadamard")
  }

  /// What differs from layer to layer.
  private func validateLayers() throws(ArchitectureError) {
    if let rotaryChannels {
      try require("rotary channels", rotaryChannels, in: 2...headSize)
      try require("rotary channels", rotaryChannels, dividesBy: 2, named: "a pair")
    }
    if let localRopeTheta { try require(positive: "rope_local_base_freq", localRopeTheta, atMost: 1e12) }
    if rotaryLayers.contains(.local), localRopeTheta == nil {
      throw ArchitectureError(
        field: "rope_local_base_freq", found: "nothing", expected: "local layers turn by a base of their own")
    }
    try require("rotary layers", rotaryLayers.count, in: 0...layers)
    try require("windows", windows.count, in: 0...layers)
    for window in windows.compactMap(\.self) { try require("sliding_window", window, in: Bound.context) }
  }

  private func validateFactors() throws(ArchitectureError) {
    let factors: [(String, Float?)] = [
      ("embedding scale", embeddingScale), ("residual_multiplier", residualScale),
      ("logit scale", logitScale), ("attention scale", attentionScale),
      ("attn_logit_softcapping", attentionSoftCap), ("final_logit_softcapping", logitSoftCap),
    ]
    for (field, factor) in factors {
      guard let factor, !(1e-6...1e6).contains(factor) else { continue }
      throw ArchitectureError(
        field: field, found: "\(factor)", expected: "it must be from 0.000001 to 1000000")
    }
  }
}
