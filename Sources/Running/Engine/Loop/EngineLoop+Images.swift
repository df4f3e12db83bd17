import Models
import Scheduling

extension EngineLoop {
  /// Runs a batch of images and answers each.
  func compute(_ ids: [JobID], _ plan: StepPlan, _ model: any ImageModel) {
    let logits = model.classify(count: ids.count) { input(of: ids[$0]) }
    scheduler.record(plan)
    let (now, classes) = (ContinuousClock.now, model.traits.classes)
    statistics.models[plan.model]?.images += ids.count
    for (index, id) in ids.enumerated() {
      scheduler.finish(id)
      guard var vector = vectors.removeValue(forKey: id) else { continue }
      answer(
        &vector, logits: Array(logits[index * classes..<(index + 1) * classes]),
        embedding: Array(model.embedding(index)), now: now)
    }
  }

  /// Where a job's image lies; the job keeps it there.
  private func input(of id: JobID) -> ImagePixels {
    guard case .image(let image)? = vectors[id]?.job.input else {
      preconditionFailure("\(id) is planned as an image, but holds none")
    }
    return .samples(image.samples, values: image.values)
  }
}
