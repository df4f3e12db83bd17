import ScalarKernels

extension FloatLanes {
  /// Caps a page's logits and hides its oldest tokens, in place.
  ///
  /// A hidden token's logit becomes −∞. The page's maximum is never below −3e38, so that every code of weights gives
  /// such a token 0.
  ///
  /// - Parameters:
  ///   - logits: `[64]`, without a cap.
  ///   - cap: 0 for none.
  ///   - hidden: How many tokens the row does not see, 0…63.
  /// - Returns: Lanes of which the greatest is the page's maximum.
  @inlinable @inline(__always)
  public static func reviseLogits(_ logits: UnsafeMutablePointer<Float>, cap: Float, hidden: Int) -> Self {
    var largest = Self(repeating: AttentionState.emptyMaximum)
    for t in stride(from: 0, to: PageFormat.tokens, by: 16) {
      var values = Self(logits + t, remaining: 16)
      if cap > 0 { values = softCap(values, cap: cap) }
      values.merge(Self(repeating: -.infinity), remaining: max(0, hidden - t))
      values.store(logits + t, remaining: 16)
      // The accumulator is the second operand: NaN never wins.
      largest = greater(values, largest)
    }
    return largest
  }
}
