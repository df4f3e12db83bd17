extension GenerationDefaults {
  /// Refuses numbers that no request could ask for, so that a sampler divides by none of them.
  func validate() throws(PackError) {
    try require("temperature", temperature, in: 0...100)
    try require("top_p", topP, in: 0...1)
    try require("repetition_penalty", repetitionPenalty, in: 0.01...100)
    try require("top_k", topK, in: 0...(1 << 22))
    try require("max_tokens", maxTokens, in: 1...(1 << 24))
  }

  private func require<Value: Comparable>(
    _ field: String, _ value: Value?, in range: ClosedRange<Value>
  ) throws(PackError) {
    guard let value, !range.contains(value) else { return }
    throw .generationDefault(
      field: field, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
  }
}
