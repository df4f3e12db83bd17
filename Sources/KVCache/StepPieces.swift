import Kernels

/// One round of a ``StepPlan`` as the threads run it.
struct StepPieces: LoopBody {
  let step: AttentionStep
  let pieces: UnsafeBufferPointer<StepPlan.Piece>
  let workers: UnsafeBufferPointer<AttentionWorker>
  let states: UnsafeMutablePointer<Float>

  func run(_ index: Int, worker: Int) { step.run(pieces[index], workers[worker], states: states) }
}
