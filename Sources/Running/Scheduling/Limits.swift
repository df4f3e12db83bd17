/// How much may be admitted and not yet finished; beyond it the answer is busy.
package struct AdmissionLimits: Equatable, Sendable {
  package let requests: Int
  /// The most tokens that the admitted requests can compute: prompts, tokens to generate, and images in tokens.
  package let tokens: Int
  package let requestsPerUID: Int
  package let tokensPerUID: Int

  package init(requests: Int, tokens: Int, requestsPerUID: Int, tokensPerUID: Int) {
    self.requests = requests
    self.tokens = tokens
    self.requestsPerUID = requestsPerUID
    self.tokensPerUID = tokensPerUID
  }
}

/// The cache, slots or batch that one model runs in, and its cost.
package struct ModelResources: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// A decoder with `blocks` cache pages and `slots` places for unfinished key groups: at most `slots`
    /// sequences run at a time.
    case decoder(blocks: Int, slots: Int)
    /// A vision model that takes up to `batch` images per step.
    case vision(batch: Int)
  }

  package let kind: Kind
  /// The work of one token, in a unit common to all models, such as millions of multiplications; at least 1.
  package let cost: Int

  package init(_ kind: Kind, cost: Int = 1) {
    precondition(cost >= 1, "a model of cost \(cost)")
    switch kind {
    case .decoder(let blocks, let slots):
      precondition(blocks >= 1 && slots >= 1, "a decoder with \(blocks) blocks and \(slots) slots")
    case .vision(let batch): precondition(batch >= 1, "a batch of \(batch) images")
    }
    self.kind = kind
    self.cost = cost
  }
}

/// How much one step may compute.
package struct StepBudget: Equatable, Sendable {
  /// Tokens of all sequences together, or of all images; a single image may exceed it.
  package let tokens: Int
  /// The most tokens of one sequence in a step: smaller chunks let other sequences decode sooner, larger ones
  /// use the machine better.
  package let chunk: Int

  package init(tokens: Int, chunk: Int) {
    precondition(tokens >= 1 && chunk >= 1, "a step of \(tokens) tokens in chunks of \(chunk)")
    self.tokens = tokens
    self.chunk = chunk
  }
}
