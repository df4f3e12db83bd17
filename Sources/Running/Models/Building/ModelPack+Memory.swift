import Architectures
import Kernels
import Packs

extension ModelPack {
  /// Bytes beside the weights that a model of this pack reserves: cache, tables and activations; `Int.max` where that is
  /// more than can be counted.
  ///
  /// Computed before anything is allocated, because the sizes come from a file.
  ///
  /// - Parameter stepTokens: Tokens of a step.
  package func workingBytes(_ limits: ModelLimits, stepTokens: Int) -> Int {
    let bytes =
      switch configuration {
      case .vision(let vision): vision.workingBytes(limits)
      case .decoder(let decoder): decoder.workingBytes(scheme, limits, stepTokens)
      }
    return bytes < 0x1p60 ? Int(bytes) : .max
  }
}

extension VisionConfiguration {
  /// One image in flight for each thread and one for all together, and the batch's pixels and answers.
  fileprivate func workingBytes(_ limits: ModelLimits) -> Double {
    let widest = max(3 * width, hidden, patchValues)
    let perPass = Double(tokens) * Double(4 * (2 * width + widest) + 2 * widest)
    let passes = Double(WorkerPool.availableThreads() + 1)
    return passes * perPass + 4 * Double(limits.imageBatch) * Double(pixelValues + classes + width)
  }
}

extension DecoderConfiguration {
  fileprivate func workingBytes(_ scheme: ModelScheme, _ limits: ModelLimits, _ stepTokens: Int) -> Double {
    let blocks = Double(limits.blocks(self, scheme))
    let cache = blocks * Double(DecoderModel.cacheBytesPerBlock(self, scheme))
    let branch = changesBranches ? width : 0
    let perToken = 4 * (2 * width + branch + queryKeyValueWidth + queryWidth + 3 * hidden)
    let logits = 4 * Double(limits.sequences) * Double(vocabulary)
    let tables = localRopeTheta == nil ? 1.0 : 2
    let rotary = tables * 4 * Double(context) * Double(turnedChannels)
    return cache + Double(stepTokens) * Double(perToken) + logits + rotary
  }
}
