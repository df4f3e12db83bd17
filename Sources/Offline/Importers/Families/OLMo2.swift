extension HuggingFaceArchitecture {
  /// OLMo 2: norms of what branches add to the stream, and of all heads of query and key together.
  static let olmo2 = decoder("Olmo2ForCausalLM", .olmo2, .init(normEpsilon: 1e-5)) { configuration, config in
    try configuration.readBiases(config, feedForward: false)
    configuration.branchNorms = .output
    configuration.queryKeyNorm = .overWidth
  }
}
