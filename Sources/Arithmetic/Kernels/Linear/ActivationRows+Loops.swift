import ScalarKernels
import TensorCore

/// Quantizes each row with a scale of its own.
struct DynamicRows: LoopBody {
  let x: UnsafePointer<Float>
  let scales: UnsafeMutablePointer<Float>
  let target: CodeRows
  let quantize: @Sendable (UnsafePointer<Float>, Int, RowCodes) -> Float

  func run(_ row: Int, worker: Int) {
    scales[row] = quantize(x + row * target.columns, target.columns, target[row])
  }
}

/// Rows of floats that are computed one by one, by the thread that needs them.
package protocol RowSource {
  /// Writes row `row` to `target`, which has room for one row.
  func write(_ row: Int, to target: UnsafeMutablePointer<Float>)
}

/// Computes each row into the thread's scratch memory, and quantizes it there with a scale of its own.
struct ComputedRows<Source: RowSource>: LoopBody {
  let source: Source
  let scales: UnsafeMutablePointer<Float>
  let target: CodeRows
  let quantize: @Sendable (UnsafePointer<Float>, Int, RowCodes) -> Float
  let scratch: AlignedParts

  func run(_ row: Int, worker: Int) {
    let values = scratch[worker].assumingMemoryBound(to: Float.self)
    source.write(row, to: values)
    scales[row] = quantize(values, target.columns, target[row])
  }
}

/// Quantizes each row with the tensor's scale.
struct StaticRows: LoopBody {
  let x: UnsafePointer<Float>
  let quantization: StaticQuantization
  let target: CodeRows
  let quantize: @Sendable (UnsafePointer<Float>, Int, StaticQuantization, RowCodes) -> Void

  func run(_ row: Int, worker: Int) {
    quantize(x + row * target.columns, target.columns, quantization, target[row])
  }
}
