extension HuggingFaceArchitecture {
  /// Phi-3 to Phi-4: joined projections, of which later ones turn only a part of each head.
  static let phi3 = decoder(
    "Phi3ForCausalLM", .phi3,
    .init(context: 4_096, normEpsilon: 1e-5, turnsParts: true, originalContext: 4_096),
    layout: .init(joinsProjections: true)
  ) { configuration, config in
    configuration.setWindows([try config.integer("sliding_window", in: Limits.context, unlessSaid: nil)])
  }
}
