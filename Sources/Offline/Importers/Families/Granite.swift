extension HuggingFaceArchitecture {
  /// Granite 3: a Llama with four factors.
  static let granite = decoder("GraniteForCausalLM", .granite) { configuration, config in
    try configuration.readBiases(config)
    func factor(_ key: String) throws -> Double { try config.number(key, in: 1e-6...1e6, or: 1) }
    configuration.embeddingScale = Float(try factor("embedding_multiplier"))
    configuration.residualScale = Float(try factor("residual_multiplier"))
    configuration.logitScale = Float(1 / (try factor("logits_scaling")))
    configuration.setAttentionScale(try factor("attention_multiplier"))
  }
}
