import Kernels

/// The gated activation of rows of a joined gate and up projection.
struct GatedRows: RowSource {
  /// `[rows, 2 · hidden]`.
  let gateUp: UnsafePointer<Float>
  let hidden: Int

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) {
    let gate = gateUp + row * 2 * hidden
    SiLUGateKernel.best(gate: gate, up: gate + hidden, target, count: hidden)
  }
}

/// The norm of rows of the residual stream.
struct NormalizedRows: RowSource {
  let input: UnsafePointer<Float>
  let weight: UnsafePointer<Float>
  let width: Int
  let epsilon: Float

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) {
    RMSNormKernel.best(input + row * width, weight: weight, target, count: width, epsilon: epsilon)
  }
}

/// Some rows of a source, by their numbers.
struct ChosenRows<Source: RowSource>: RowSource {
  let rows: UnsafeBufferPointer<Int>
  let source: Source

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) { source.write(rows[row], to: target) }
}

/// Rotates rows of heads in place, each by the position after its neighbour's.
struct RotatedRows: LoopBody {
  /// The first row's first head.
  let heads: UnsafeMutablePointer<Float>
  /// From row to row in `heads`.
  let stride: Int
  /// The first row's cosines, then its sines; those of the other rows follow.
  let angles: UnsafePointer<Float>
  let headCount: Int
  let headSize: Int

  func run(_ row: Int, worker: Int) {
    let cosines = angles + row * headSize
    RotaryKernel.best(
      heads + row * stride, cosines: cosines, sines: cosines + headSize / 2, heads: headCount, d: headSize)
  }
}
