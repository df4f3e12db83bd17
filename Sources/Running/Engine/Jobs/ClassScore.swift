import Glibc
import Kernels

/// A class of an image and how likely it is.
package struct ClassScore: Sendable, Equatable {
  /// The class's place in the logits.
  package let index: Int
  package let logit: Float
  /// The softmax of all logits at this class, in double: 0...1.
  package let probability: Double
}

extension ClassScore {
  /// The `top` most likely classes, of equals the earlier one first; fewer where logits are NaN.
  ///
  /// - Complexity: O(`logits.count`) exponentials, and the ranking of `top`.
  package static func ranked(_ logits: [Float], top: Int) -> [ClassScore] {
    let peak = Double(logits.max() ?? 0)
    let total = logits.reduce(0) { $0 + exp(Double($1) - peak) }
    return TopKKernel.best(logits, count: logits.count, k: top).map { index, logit in
      ClassScore(index: index, logit: logit, probability: exp(Double(logit) - peak) / total)
    }
  }
}
