extension HuggingFaceArchitecture {
  /// Llama 1 to 3, and what was made in their image.
  static let llama = decoder("LlamaForCausalLM", .llama) { configuration, config in
    try configuration.readBiases(config)
  }
}
