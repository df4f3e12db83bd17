/// The answer to a request that wants in.
package enum Admission: Equatable, Sendable {
  case admitted
  /// Too much is under way; try again later.
  case busy(Backlog)
  /// This request could never run: its prompt and the tokens to generate exceed the model's cache or the
  /// limits.
  case tooLong(tokens: Int, limit: Int)
}

/// The work ahead of a refused request. The caller divides it by its measured speed to say when to come back.
package struct Backlog: Equatable, Sendable {
  package enum Limit: String, Equatable, Sendable {
    case requests, tokens, requestsPerUID, tokensPerUID
  }
  /// The limit that was reached first.
  package let limit: Limit
  /// Requests under way within that limit: those of the uid, or all.
  package let requests: Int
  /// The most tokens that these requests can compute: their prompts and what they may generate.
  package let tokens: Int

  package init(limit: Limit, requests: Int, tokens: Int) {
    self.limit = limit
    self.requests = requests
    self.tokens = tokens
  }
}

/// Counts what was admitted and has not ended.
struct AdmissionLedger {
  private struct Sum {
    var requests = 0
    var tokens = 0

    /// Whether one more request of `more` tokens stays in bounds; no sum can overflow here.
    func admits(_ more: Int, requests limit: Int, tokens tokenLimit: Int) -> (requests: Bool, tokens: Bool) {
      (requests < limit, more <= tokenLimit && tokens <= tokenLimit - more)
    }
  }

  private let limits: AdmissionLimits
  private var all = Sum()
  private var byUID: [UInt32: Sum] = [:]

  init(limits: AdmissionLimits) { self.limits = limits }

  var requests: Int { all.requests }
  var tokens: Int { all.tokens }

  /// The largest request that ever gets in.
  var tokenLimit: Int { min(limits.tokens, limits.tokensPerUID) }

  /// The limit that a request of `tokens` tokens would exceed now, or `nil`.
  func obstacle(uid: UInt32, tokens: Int) -> Backlog? {
    let own = byUID[uid] ?? Sum()
    let mine = own.admits(tokens, requests: limits.requestsPerUID, tokens: limits.tokensPerUID)
    let total = all.admits(tokens, requests: limits.requests, tokens: limits.tokens)
    if !mine.requests { return Backlog(limit: .requestsPerUID, requests: own.requests, tokens: own.tokens) }
    if !mine.tokens { return Backlog(limit: .tokensPerUID, requests: own.requests, tokens: own.tokens) }
    if !total.requests { return Backlog(limit: .requests, requests: all.requests, tokens: all.tokens) }
    if !total.tokens { return Backlog(limit: .tokens, requests: all.requests, tokens: all.tokens) }
    return nil
  }

  mutating func enter(uid: UInt32, tokens: Int) {
    all.requests += 1
    all.tokens += tokens
    byUID[uid, default: Sum()].requests += 1
    byUID[uid, default: Sum()].tokens += tokens
  }

  mutating func leave(uid: UInt32, tokens: Int) {
    all.requests -= 1
    all.tokens -= tokens
    guard var own = byUID[uid] else { preconditionFailure("uid \(uid) leaves, but never entered") }
    own.requests -= 1
    own.tokens -= tokens
    byUID[uid] = own.requests == 0 ? nil : own
  }

  func checkInvariants() {
    precondition(all.requests <= limits.requests && all.tokens <= limits.tokens, "over the limit: \(all)")
    for (uid, own) in byUID {
      let inBounds = own.requests <= limits.requestsPerUID && own.tokens <= limits.tokensPerUID
      precondition(inBounds && own.requests > 0, "uid \(uid): \(own)")
    }
    precondition(byUID.values.reduce(0) { $0 + $1.tokens } == all.tokens, "the uids do not add up to \(all)")
  }
}
