/// What a request used, known when it ends; zeros for an image.
package struct Usage: Sendable, Equatable {
  package var promptTokens: Int
  /// Tokens that were generated.
  package var completionTokens: Int
  /// Tokens of the prompt that were not computed, because their keys and values were cached when the request first started.
  package var cachedTokens: Int
  /// How often the request was preempted, losing its cache pages. The protocol does not send it.
  package var preemptions: Int

  package init(
    promptTokens: Int = 0, completionTokens: Int = 0, cachedTokens: Int = 0, preemptions: Int = 0
  ) {
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.cachedTokens = cachedTokens
    self.preemptions = preemptions
  }
}
