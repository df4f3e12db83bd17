/// The query rows of consecutive tokens of one page and that page's K and V so far, in float16.
///
/// The token of row `r` is the page's number `firstLimit + r / rowsPerToken`, counted from 1: each token comes with the
/// heads that share this kv-head. It sees the newest tokens up to itself, at most `window` of them.
public struct TailRows {
  public let channels: Int
  /// Those of ``AttentionNumbers``.
  public let logitScale: Float
  public let logitCap: Float
  /// `[rows][channels]`.
  public let queries: UnsafePointer<Float>
  public let rows: Int
  public let rowsPerToken: Int
  public let firstLimit: Int
  /// How many of the newest tokens a row sees; `Int.max` for all.
  public let window: Int
  /// `[64][channels]`, as many tokens valid as the last row sees.
  public let keys: UnsafePointer<Float16>
  /// `[64][channels]`.
  public let values: UnsafePointer<Float16>
  /// Bytes from K and V to those that the caller is going to read next, worth fetching meanwhile; 0 for none.
  public let following: Int

  /// - Precondition: Every row's token is one of the page's 64, and `window` is at least 1.
  public init(
    channels: Int, logitScale: Float, logitCap: Float = 0, queries: UnsafePointer<Float>, rows: Int,
    rowsPerToken: Int, firstLimit: Int, window: Int = .max, keys: UnsafePointer<Float16>,
    values: UnsafePointer<Float16>, following: Int = 0
  ) {
    precondition(
      rows == 0 || firstLimit >= 1 && firstLimit + (rows - 1) / rowsPerToken <= PageFormat.tokens,
      "TailRows: \(rows) rows, \(rowsPerToken) per token, of which the first is token \(firstLimit)")
    precondition(window >= 1, "TailRows: a window of \(window) tokens")
    self.channels = channels
    self.logitScale = logitScale
    self.logitCap = logitCap
    self.queries = queries
    self.rows = rows
    self.rowsPerToken = rowsPerToken
    self.firstLimit = firstLimit
    self.window = window
    self.keys = keys
    self.values = values
    self.following = following
  }

  /// The tokens that row `row` sees.
  public func visible(_ row: Int) -> Range<Int> {
    let end = firstLimit + row / rowsPerToken
    return max(0, end - window)..<end
  }
}

/// Lets each row attend to the tokens that it sees in its own, unfinished page, and writes its state.
///
/// The tokens of a row are counted from the first that it sees: so a sum's lane does not depend on those before it.
/// Weights are `255 · exp2(s − max s)` in float32, without codes, so that a state adds up with those of
/// sealed pages.
///
/// - Parameters:
///   - states: `[rows]` of ``AttentionState``, overwritten (`m`, `l` and `o`).
///   - scratch: ``attendPagesScratch(channels:)`` bytes, aligned to 64; unused here.
public func attendTail(
  _ tail: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = tail.channels
  for row in 0..<tail.rows {
    let visible = tail.visible(row)
    let (limit, start) = (visible.count, visible.lowerBound * channels)
    let (keys, values) = (tail.keys + start, tail.values + start)
    let query = tail.queries + row * channels
    let state = states + row * AttentionState.stride(channels: channels)
    let logits = (0..<limit).map { t in
      var dot = LaneSum()
      for c in 0..<channels { dot.add(productOf: query[c], Float(keys[t * channels + c]), at: c) }
      let logit = dot.total * tail.logitScale
      return tail.logitCap > 0 ? softCap(logit, cap: tail.logitCap) : logit
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
