import TensorCore

/// How near quantized attention outputs are to exact ones, over all rows seen.
package struct AttentionComparison: Sendable {
  private var product = 0.0
  private var exactSquare = 0.0
  private var otherSquare = 0.0
  private var differenceSquare = 0.0

  package init() {}

  package mutating func add(exact: FloatTensor, other: FloatTensor) {
    for (a, b) in zip(exact.values, other.values) {
      product += Double(a) * Double(b)
      exactSquare += Double(a) * Double(a)
      otherSquare += Double(b) * Double(b)
      let step = LayerError.distance(a, b)
      differenceSquare += step * step
    }
  }

  /// The cosine of the angle between both outputs; 1 where both are zero.
  package var cosine: Double {
    let norm = (exactSquare * otherSquare).squareRoot()
    return norm > 0 ? product / norm : 1
  }

  /// `‖exact − other‖ / ‖exact‖`.
  package var relativeError: Double { exactSquare > 0 ? (differenceSquare / exactSquare).squareRoot() : 0 }
}
