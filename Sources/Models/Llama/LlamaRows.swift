import Kernels

/// The gated activation of rows of a joined gate and up projection.
struct GatedRows: LoopBody {
  /// `[rows, 2 · hidden]`.
  let gateUp: UnsafePointer<Float>
  /// `[rows, hidden]`.
  let output: UnsafeMutablePointer<Float>
  let hidden: Int

  func run(_ row: Int, worker: Int) {
    let gate = gateUp + row * 2 * hidden
    SiLUGateKernel.best(gate: gate, up: gate + hidden, output + row * hidden, count: hidden)
  }
}

/// The norm of rows of the residual stream.
struct NormalizedRows: LoopBody {
  let input: UnsafePointer<Float>
  let weight: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>
  let width: Int
  let epsilon: Float

  func run(_ row: Int, worker: Int) {
    RMSNormKernel.best(
      input + row * width, weight: weight, output + row * width, count: width, epsilon: epsilon)
  }
}
