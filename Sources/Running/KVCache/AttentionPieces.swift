import Kernels
import TensorCore

/// One round of a ``AttentionPlan`` as the threads run it.
struct AttentionPieces: LoopBody {
  let step: AttentionStep
  let pieces: UnsafeMutableBufferPointer<AttentionPlan.Piece>
  let workers: UnsafeBufferPointer<Unretained<AttentionWorker>>
  let states: UnsafeMutablePointer<Float>

  func run(_ index: Int, worker: Int) {
    workers[worker].use { step.run(pieces[index], $0, states: states) }
  }
}
