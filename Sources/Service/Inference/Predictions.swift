import Glibc
import Packs
import WireProtocol

extension [Prediction] {
  /// The `top` most likely classes, with softmax probabilities in double.
  init(_ logits: [Float], _ pack: ModelPack, top: Int) {
    let peak = Double(logits.max() ?? 0)
    let weights = logits.map { exp(Double($0) - peak) }
    let total = weights.reduce(0, +)
    self = Self.likeliest(logits, top).map { index in
      Prediction(
        label: pack.label(index), index: index, probability: weights[index] / total,
        logit: Double(logits[index]))
    }
  }

  /// The places of the greatest logits, greatest first, the earlier one where two are equal.
  private static func likeliest(_ logits: [Float], _ top: Int) -> [Int] {
    var best: [Int] = []
    for index in logits.indices {
      if best.count == top, let last = best.last, logits[index] <= logits[last] { continue }
      let place = best.lastIndex { logits[$0] >= logits[index] }.map { $0 + 1 } ?? 0
      best.insert(index, at: place)
      if best.count > top { best.removeLast() }
    }
    return best
  }
}
