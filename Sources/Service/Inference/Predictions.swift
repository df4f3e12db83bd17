import Kernels
import Packs
import WireProtocol

extension [Prediction] {
  /// The `top` most likely classes, of equals the earlier one first; fewer where logits are NaN.
  init(_ logits: [Float], _ pack: ModelPack, top: Int) {
    self = logits.withUnsafeBufferPointer { logits in
      guard let x = logits.baseAddress else { return [] }
      let probabilities = Self.softmax(x, count: logits.count)
      return TopKKernel.best(x, count: logits.count, k: Swift.min(top, logits.count)).map { index, logit in
        Prediction(
          label: pack.label(index), index: index, probability: Double(probabilities[index]),
          logit: Double(logit))
      }
    }
  }

  private static func softmax(_ x: UnsafePointer<Float>, count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { output, written in
      if let y = output.baseAddress { SoftmaxKernel.best(x, y, count: count) }
      written = count
    }
  }
}
