import ScalarKernels

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
