/// The query rows of consecutive tokens of one page and that page's K and V so far, in float16.
///
/// Row `r` sees `firstLimit + r / rowsPerToken` tokens: each token comes with the heads that share this
/// kv-head, and a token sees itself.
public struct TailRows {
  public let channels: Int
  /// `log2(e) / √headSize`.
  public let logitScale: Float
  /// `[rows][channels]`.
  public let queries: UnsafePointer<Float>
  public let rows: Int
  public let rowsPerToken: Int
  public let firstLimit: Int
  /// `[64][channels]`, as many tokens valid as the last row sees.
  public let keys: UnsafePointer<Float16>
  /// `[64][channels]`.
  public let values: UnsafePointer<Float16>
  /// Bytes from K and V to those that the caller is going to read next, worth fetching meanwhile; 0 for none.
  public let following: Int

  /// - Precondition: Every row sees 1…64 tokens.
  public init(
    channels: Int, logitScale: Float, queries: UnsafePointer<Float>, rows: Int, rowsPerToken: Int,
    firstLimit: Int,
    keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>, following: Int = 0
  ) {
    precondition(
      rows == 0 || firstLimit >= 1 && firstLimit + (rows - 1) / rowsPerToken <= PageFormat.tokens,
      "TailRows: \(rows) rows, \(rowsPerToken) per token, of which the first sees \(firstLimit) tokens")
    self.channels = channels
    self.logitScale = logitScale
    self.queries = queries
    self.rows = rows
    self.rowsPerToken = rowsPerToken
    self.firstLimit = firstLimit
    self.keys = keys
    self.values = values
    self.following = following
  }

  /// How many tokens row `row` sees.
  public func limit(_ row: Int) -> Int { firstLimit + row / rowsPerToken }
}

/// Lets each row attend to the tokens that it sees in its own, unfinished page, and writes its state.
///
/// Weights are `255 · exp2(s − max s)` in float32, without codes, so that a state adds up with those of
/// sealed pages.
///
/// - Parameters:
///   - states: `[rows]` of ``AttentionState``, overwritten (`m`, `l` and `o`).
///   - scratch: ``attendPagesScratch(channels:)`` bytes, aligned to 64; unused here.
public func attendTail(
  _ tail: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let (channels, keys, values) = (tail.channels, tail.keys, tail.values)
  for row in 0..<tail.rows {
    let limit = tail.limit(row)
    let query = tail.queries + row * channels
    let state = states + row * AttentionState.stride(channels: channels)
    let logits = (0..<limit).map { t in
      var dot = LaneSum()
      for c in 0..<channels { dot.add(productOf: query[c], Float(keys[t * channels + c]), at: c) }
      return dot.total * tail.logitScale
    }
    var largest = AttentionState.emptyMaximum
    for s in logits { largest = s > largest ? s : largest }
    let weights = logits.map { 255 * approximateExp2($0 - largest) }
    state[0] = largest
    var total = LaneSum()
    for t in 0..<limit { total.add(weights[t], at: t) }
    state[1] = total.total
    for c in 0..<channels {
      var sum: Float = 0
      for t in 0..<limit { sum.addProduct(weights[t], Float(values[t * channels + c])) }
      state[AttentionState.output + c] = sum
    }
  }
}
