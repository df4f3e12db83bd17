import Kernels

#if canImport(Glibc)
  import Glibc
#endif

/// Exact softmax attention of one head in float32: what quantized attention is measured against.
///
/// `output[r] = Σₜ p[t] · values[t]` with `p = softmax(scale · queries[r] · keys[t])` over the tokens that
/// row `r` sees. Clarity comes first, yet dots run in the float linear kernel: O(`rows · tokens · dimension`)
/// multiply-adds, and scratch of `2 · tokens · dimension` floats and 64 rows of scores.
package struct FloatAttention: Sendable {
  /// Query rows, tokens of the cache, and channels of the head.
  package var rows: Int, tokens: Int, dimension: Int
  /// Values from one row to the next in queries, in keys and values, and in the output.
  package var queryStride: Int, keyStride: Int, outputStride: Int
  /// The position of query row 0 among the tokens: row `r` sees tokens `0...causalOffset + r`. Nil: all see
  /// all.
  package var causalOffset: Int?
  /// Factor of the logits, usually `1 / √dimension`.
  package var scale: Float
  /// Keeps scaled logits s within ± this, as `softCap · tanh(s / softCap)`; nil for no cap.
  package var softCap: Float?
  /// How many of the newest tokens that it may see a row does see; nil for all.
  package var window: Int?

  /// Heads stored by themselves (`[rows][dimension]`) unless strides say otherwise; the usual scale.
  package init(
    rows: Int, tokens: Int, dimension: Int, queryStride: Int? = nil, keyStride: Int? = nil,
    outputStride: Int? = nil, causalOffset: Int? = nil, scale: Float? = nil,
    softCap: Float? = nil, window: Int? = nil
  ) {
    precondition(
      rows >= 0 && tokens > 0 && dimension > 0 && (causalOffset ?? 0) >= 0,
      "FloatAttention: \(rows) rows, \(tokens) tokens, dimension \(dimension), offset \(causalOffset ?? 0)")
    (self.rows, self.tokens, self.dimension) = (rows, tokens, dimension)
    self.queryStride = queryStride ?? dimension
    self.keyStride = keyStride ?? dimension
    self.outputStride = outputStride ?? dimension
    self.causalOffset = causalOffset
    self.scale = scale ?? 1 / Float(dimension).squareRoot()
    (self.softCap, self.window) = (softCap, window)
    precondition(
      min(self.queryStride, self.keyStride, self.outputStride) >= dimension,
      "FloatAttention: a stride is below \(dimension) in \(self)")
  }

  /// Attends; runs on the calling thread.
  ///
  /// - Parameters:
  ///   - queries: `[rows]` rows of `dimension` values, `queryStride` apart.
  ///   - keys: `[tokens]` rows, `keyStride` apart.
  ///   - values: `[tokens]` rows, `keyStride` apart; finite, because unseen ones are multiplied by 0.
  ///   - output: `[rows]` rows, `outputStride` apart; may be `queries` where the strides agree.
  package func callAsFunction(
    queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let contiguousKeys = gathered(keys, rows: tokens, stride: keyStride)
    let transposedValues = transposed(values)
    for start in stride(from: 0, to: rows, by: 64) {
      let count = min(64, rows - start)
      let block = gathered(queries + start * queryStride, rows: count, stride: queryStride)
      var scores = [Float](repeating: 0, count: count * tokens)
      let linear = FloatLinearKernel.best
      linear(block, rows: count, w: contiguousKeys, bias: nil, &scores, n: tokens, k: dimension)
      for row in 0..<count { weigh(&scores, row: row, visible: visible(from: start + row)) }
      linear(
        scores, rows: count, w: transposedValues, bias: nil, output + start * outputStride,
        yStride: outputStride, n: dimension, k: tokens)
    }
  }

  private func visible(from row: Int) -> Int { causalOffset.map { min($0 + row + 1, tokens) } ?? tokens }

  /// Turns one row of dots into weights: softmax over the visible tokens, 0 for the others.
  private func weigh(_ scores: inout [Float], row: Int, visible: Int) {
    scores.withUnsafeMutableBufferPointer { scores in
      guard let base = scores.baseAddress else { return }
      let start = base + row * tokens
      let first = max(0, visible - (window ?? visible))
      if let softCap {
        for token in first..<visible { start[token] = softCap * tanhf(scale * start[token] / softCap) }
      }
      SoftmaxKernel.best(
        start + first, start + first, count: visible - first, inverseTemperature: softCap == nil ? scale : 1)
      start.update(repeating: 0, count: first)
      (start + visible).update(repeating: 0, count: tokens - visible)
    }
  }

  private func gathered(_ source: UnsafePointer<Float>, rows: Int, stride: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows * dimension)
    for row in 0..<rows {
      result.append(contentsOf: UnsafeBufferPointer(start: source + row * stride, count: dimension))
    }
    return result
  }

  /// `[dimension][tokens]`, so that the sum over tokens is a dot along rows.
  private func transposed(_ values: UnsafePointer<Float>) -> [Float] {
    var result = [Float](repeating: 0, count: tokens * dimension)
    for token in 0..<tokens {
      for c in 0..<dimension { result[c * tokens + token] = values[token * keyStride + c] }
    }
    return result
  }
}
