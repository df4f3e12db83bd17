import TensorCore

/// The static unsigned 8-bit quantization of a tensor: `x ≈ (code − zero) · scale`, code 0…255.
package struct StaticRange: Sendable, Equatable {
  package let scale: Float
  /// 0…255.
  package let zero: Int

  /// Covers `low…high`, both finite, widened to contain 0 so that zero stays exact.
  ///
  /// The reciprocal of the scale is finite, as kernels need it: a range below 3e-36 gets a scale too coarse for it.
  package init(low: Float, high: Float) {
    let (low, high) = (min(low, 0), max(high, 0))
    let range = high - low
    let step = range.isFinite ? range / 255 : high / 255 - low / 255
    scale = range > 0 ? max(step, .leastNormalMagnitude) : 1
    zero = max(0, min(255, Int((-low / scale).rounded())))
  }

  package func roundTrip(_ x: Float) -> Float {
    let code = (x / scale + Float(zero)).rounded(.toNearestOrEven)
    return (max(0, min(255, code)) - Float(zero)) * scale
  }

  /// The range with the least squared error on `sample`, among clipped fractions of its full range.
  ///
  /// Clipping a few outliers buys every other value a finer step; the fractions reach down to half the range.
  package static func leastError(on sample: [Float]) -> StaticRange {
    let (low, high) = (sample.min() ?? 0, sample.max() ?? 0)
    let candidates = [1, 0.97, 0.94, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5].map {
      StaticRange(low: low * $0, high: high * $0)
    }
    let errors = candidates.map { candidate in
      sample.reduce(Double(0)) { sum, x in
        let difference = Double(candidate.roundTrip(x) - x)
        return sum + difference * difference
      }
    }
    return candidates[errors.indices.min { errors[$0] < errors[$1] } ?? 0]
  }
}
