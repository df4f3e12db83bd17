import Vocabulary

/// A request to continue a prompt.
package struct SequenceRequest: Equatable, Sendable {
  package let id: JobID
  package let uid: UInt32
  package let model: ModelKey
  /// Token numbers; at least one.
  package let prompt: [TokenID]
  /// The most tokens to append; 0 computes the prompt alone.
  package let maxNewTokens: Int

  package init(id: JobID, uid: UInt32, model: ModelKey, prompt: [TokenID], maxNewTokens: Int) {
    precondition(!prompt.isEmpty && maxNewTokens >= 0, "\(id): \(prompt.count) + \(maxNewTokens) tokens")
    self.id = id
    self.uid = uid
    self.model = model
    self.prompt = prompt
    self.maxNewTokens = maxNewTokens
  }

  /// Prompt and tokens to append together, or `Int.max` if their number overflows.
  var tokenLimit: Int {
    let (sum, overflow) = prompt.count.addingReportingOverflow(maxNewTokens)
    return overflow ? .max : sum
  }
}

/// A request to run one image through a vision model.
package struct ImageRequest: Equatable, Sendable {
  package let id: JobID
  package let uid: UInt32
  package let model: ModelKey
  /// What the image costs, in tokens of the same model: its patches.
  package let tokens: Int

  package init(id: JobID, uid: UInt32, model: ModelKey, tokens: Int) {
    precondition(tokens > 0, "\(id): an image of \(tokens) tokens")
    self.id = id
    self.uid = uid
    self.model = model
    self.tokens = tokens
  }
}
