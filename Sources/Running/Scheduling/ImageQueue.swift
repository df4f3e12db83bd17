import Vocabulary

/// The images of one vision model: who waits and what is in the current step.
final class ImageQueue {
  private let batch: Int
  private var waiting = FairQueue<ImageRequest>()
  /// Taken by a step and not finished.
  private var running: [JobID: ImageRequest] = [:]
  private var uids: [JobID: UInt32] = [:]

  init(batch: Int) { self.batch = batch }

  var load: ModelLoad {
    ModelLoad(
      waiting: uids.count - running.count, running: running.count, blocks: 0, heldBlocks: 0, cachedBlocks: 0)
  }

  func admit(_ request: ImageRequest) {
    uids[request.id] = request.uid
    waiting.append(request, uid: request.uid)
  }

  /// Takes images until the batch or the budget is full; the first one may exceed the budget.
  func nextStep(_ budget: StepBudget) -> [ImageRequest] {
    var images: [ImageRequest] = []
    var left = budget.tokens
    while images.count < batch, let image = waiting.next(), images.isEmpty || image.tokens <= left {
      waiting.takeFirst(of: image.uid, cost: image.tokens)
      running[image.id] = image
      images.append(image)
      left -= image.tokens
    }
    return images
  }

  func finish(_ id: JobID) -> Usage {
    guard let uid = uids.removeValue(forKey: id) else { preconditionFailure("\(id) ends twice") }
    if running.removeValue(forKey: id) == nil { waiting.removeAll(uid: uid) { $0.id == id } }
    return Usage()
  }

  /// Traps unless every image is in exactly one place.
  func checkInvariants() {
    let places = waiting.elements.map(\.id) + running.keys
    precondition(Set(places) == Set(uids.keys) && places.count == uids.count, "an image is lost or doubled")
  }
}
