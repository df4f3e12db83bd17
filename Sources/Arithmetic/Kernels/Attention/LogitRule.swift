/// What a layer makes of `q·k` before softmax: `cap · tanh(q·k · scale / cap)`, or without a cap `q·k · scale`.
package struct LogitRule: Sendable, Hashable {
  /// nil for `1 / √headSize`.
  package let scale: Double?
  /// What a logit stays below; nil for no cap.
  package let cap: Double?

  /// What a scale or a cap may be: far from where floats end, and wider than any model's.
  package static let range = 1e-6...1e6

  /// - Precondition: Both are within ``range``.
  package init(scale: Double? = nil, cap: Double? = nil) {
    for (name, value) in [("scale", scale), ("cap", cap)] {
      precondition(value.map(Self.range.contains) ?? true, "LogitRule: a \(name) of \(value ?? 0)")
    }
    self.scale = scale
    self.cap = cap
  }

  /// The scale of logits of base 2.
  func baseTwoScale(headSize: Int) -> Float {
    guard let scale else { return Float(Self.log2e / Double(headSize).squareRoot()) }
    return Float(Self.log2e * scale)
  }

  /// The cap of logits of base 2; 0 for none.
  ///
  /// `log2(e) · cap · tanh(s / cap)` of a logit s is `c · tanh(t / c)` of `t = log2(e) · s` with `c = log2(e) · cap`, so
  /// that kernels cap logits of base 2 as they stand.
  var baseTwoCap: Float { cap.map { Float(Self.log2e * $0) } ?? 0 }

  private static let log2e = 1.442695040888963407
}
