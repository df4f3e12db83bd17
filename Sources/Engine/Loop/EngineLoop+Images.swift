import Models
import Scheduling

extension EngineLoop {
  /// Runs a batch of images and answers each.
  func compute(_ ids: [RequestID], _ plan: StepPlan, _ model: ViTModel) {
    let logits = withPixels(of: ids) { model.classify($0, count: ids.count) }
    scheduler.record(plan)
    let (now, classes) = (ContinuousClock.now, model.configuration.classes)
    statistics.models[plan.model]?.images += ids.count
    for (index, id) in ids.enumerated() {
      scheduler.finish(id, .stop)
      guard var vector = vectors.removeValue(forKey: id) else { continue }
      answer(
        &vector, logits: Array(logits[index * classes..<(index + 1) * classes]),
        embedding: Array(model.embedding(index)), now: now)
    }
  }

  /// Calls `body` with the pixels of all images, one after the other.
  private func withPixels<Result>(of ids: [RequestID], _ body: (UnsafePointer<Float>) -> Result) -> Result {
    if ids.count == 1 { return pixels(of: ids[0]).withUnsafeBufferPointer { body($0.baseAddress!) } }
    buffers.pixels.removeAll(keepingCapacity: true)
    for id in ids { buffers.pixels += pixels(of: id) }
    return buffers.pixels.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  private func pixels(of id: RequestID) -> [Float] {
    guard case .image(let pixels)? = vectors[id]?.job.input else {
      preconditionFailure("\(id) is planned as an image, but holds none")
    }
    return pixels
  }
}
