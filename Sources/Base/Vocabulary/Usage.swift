/// What a request used, known when it ends; zeros for an image.
package struct Usage: Sendable, Equatable {
  package var promptTokens: Int
  /// Tokens that were generated.
  package var completionTokens: Int
  /// Tokens of the prompt whose keys and values were in the cache at the first start.
  package var cachedTokens: Int
  /// How often its cache pages were taken away; the protocol does not carry it.
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
