/// The scales and offsets of a page's V where they belong to tokens, as its codes are computed with them.
public struct TokenScales {
  /// One over each token's scale.
  public private(set) var inverses = InlineArray<64, Float>(repeating: 0)
  /// As rounded to float16.
  public private(set) var offsets = InlineArray<64, Float>(repeating: 0)

  /// Chooses them and writes them to their sections of `page`.
  ///
  /// The scale is the ``ValueStep`` of a token's range, at most ``ValueStep/span`` steps below the page's largest, and
  /// `offset = middle + scale / 2`: the cells of the codes, a scale wide, lie around the middle.
  ///
  /// - Parameter bounds: The least and the greatest value of a token; +∞ and −∞ where it has none.
  public init(
    _ format: PageFormat, page: UnsafeMutableRawPointer, bounds: (_ token: Int) -> (low: Float, high: Float)
  ) {
    let steps = (page + format.valueScales).assumingMemoryBound(to: UInt8.self)
    let stored = (page + format.valueOffsets).assumingMemoryBound(to: Float16.self)
    var least = UInt8.max
    for t in 0..<PageFormat.tokens {
      let (low, high) = bounds(t)
      steps[t] = ValueStep.byte(range: high - low, bits: format.valueBits)
      least = min(least, steps[t])
      offsets[t] = (low + high) * 0.5
    }
    let most = UInt8(min(Int(least) + ValueStep.span, 255))
    for t in 0..<PageFormat.tokens {
      steps[t] = min(steps[t], most)
      let scale = ValueStep.scale(Int(steps[t]))
      stored[t] = Float16(offsets[t].addingProduct(scale, 0.5))
      offsets[t] = Float(stored[t])
      inverses[t] = 1 / scale
    }
  }
}
