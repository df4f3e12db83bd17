import Models
import Scheduling

extension EngineLoop {
  /// Runs a batch of images and answers each.
  func compute(_ ids: [RequestID], _ plan: StepPlan, _ model: ViTModel) {
    gatherPixels(ids)
    let logits = buffers.pixels.withUnsafeBufferPointer { model.classify($0.baseAddress!, count: ids.count) }
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

  private func gatherPixels(_ ids: [RequestID]) {
    buffers.pixels.removeAll(keepingCapacity: true)
    for id in ids {
      guard case .image(let pixels)? = vectors[id]?.job.input else {
        preconditionFailure("\(id) is planned as an image, but holds none")
      }
      buffers.pixels += pixels
    }
  }
}
