extension GenerationDefaults {
  /// Refuses numbers that no request could ask for, so that a sampler divides by none of them.
  package func validate() throws(PackError) {
    try require("temperature", temperature, in: Allowed.temperature)
    try require("top_p", topP, in: Allowed.probability)
    try require("min_p", minP, in: Allowed.probability)
    try require("repetition_penalty", repetitionPenalty, in: Allowed.repetitionPenalty)
    try require("top_k", topK, in: Allowed.topK)
    try require("max_tokens", maxTokens, in: Allowed.maxTokens)
    try require("the number of stop texts", stop?.count, in: Allowed.stopCount)
    for text in stop ?? [] { try require("the bytes of a stop text", text.utf8.count, in: Allowed.stopBytes) }
  }

  private func require<Value: Comparable>(
    _ field: String, _ value: Value?, in range: ClosedRange<Value>
  ) throws(PackError) {
    guard let value, !range.contains(value) else { return }
    throw .generationDefault(
      field: field, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
  }
}
