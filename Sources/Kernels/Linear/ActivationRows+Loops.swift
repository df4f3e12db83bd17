import ScalarKernels

/// The codes of several rows, in the forms that are wanted.
struct CodeRows {
  let columns: Int
  let stride: Int
  let unsigned: UnsafeMutablePointer<UInt8>
  let signed: UnsafeMutablePointer<Int8>?
  let groupSums: UnsafeMutablePointer<Int32>?

  subscript(row: Int) -> RowCodes {
    RowCodes(
      unsigned: unsigned + row * stride, signed: signed.map { $0 + row * stride },
      groupSums: groupSums.map { $0 + row * stride / WeightLayout.group })
  }
}

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

/// Quantizes the layer norm of each row with the tensor's scale.
struct NormedRows: LoopBody {
  let x: UnsafePointer<Float>
  let norm: LayerNormConstants
  let quantization: StaticQuantization
  let target: CodeRows
  let quantize:
    @Sendable (UnsafePointer<Float>, Int, LayerNormConstants, StaticQuantization, RowCodes) -> Void

  func run(_ row: Int, worker: Int) {
    quantize(x + row * target.columns, target.columns, norm, quantization, target[row])
  }
}
