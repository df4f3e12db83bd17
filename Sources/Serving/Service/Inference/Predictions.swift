import Glibc
import Kernels
import Packs
import WireProtocol

extension [Prediction] {
  /// The `top` most likely classes, of equals the earlier one first, with softmax probabilities in double; fewer where
  /// logits are NaN.
  init(_ logits: [Float], _ pack: ModelPack, top: Int) {
    let peak = Double(logits.max() ?? 0)
    let total = logits.reduce(0) { $0 + exp(Double($1) - peak) }
    self = TopKKernel.best(logits, count: logits.count, k: top).map { index, logit in
      Prediction(
        label: pack.label(index), index: index, probability: exp(Double(logit) - peak) / total,
        logit: Double(logit))
    }
  }
}
