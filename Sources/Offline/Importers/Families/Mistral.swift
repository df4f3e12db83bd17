extension HuggingFaceArchitecture {
  /// Mistral 7B and its kin: a window over every layer, which later ones switch off with null.
  static let mistral = decoder(
    "MistralForCausalLM", .mistral, .init(context: 131_072, keyValueHeads: 8, takesNullHeads: false)
  ) {
    configuration, config in
    let window = try config.integer("sliding_window", in: Limits.context, unlessSaid: 4_096)
    configuration.setWindows([window])
  }
}
