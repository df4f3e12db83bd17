import ScalarKernels
import TensorCore

/// Which codes of a row are needed: unsigned ones for 8-bit weights, and signed ones as well for 4-bit
/// weights.
public enum ActivationForm: Sendable {
  case unsigned, signed
}

/// Quantized rows in storage that is used again: quantized once, read by every layer of the same input (q, k
/// and v; gate and up).
///
/// Owned by one thread: filling it and reading it are the owner's, in turn. Nothing is allocated after
/// `init`.
public final class ActivationRows {
  public let maxRows: Int
  public let maxColumns: Int
  public private(set) var rows = 0
  public private(set) var columns = 0
  public private(set) var form = ActivationForm.unsigned

  private let unsigned: AlignedStorage
  private let signed: AlignedStorage
  private let groupSums: AlignedStorage
  private let scales: AlignedStorage
  private let kernel: QuantizeRowKernel
  private var zero = 0

  /// Room for `[maxRows, maxColumns]` codes in both forms.
  public init(maxRows: Int, maxColumns: Int, kernels: LinearKernels = .selected) {
    precondition(maxRows > 0 && maxColumns > 0, "ActivationRows: [\(maxRows), \(maxColumns)]")
    self.maxRows = maxRows
    self.maxColumns = maxColumns
    kernel = kernels.quantize
    let stride = Self.stride(maxColumns)
    unsigned = AlignedStorage(byteCount: maxRows * stride)
    signed = AlignedStorage(byteCount: maxRows * stride)
    groupSums = AlignedStorage(byteCount: maxRows * stride / WeightLayout.group * 4)
    scales = AlignedStorage(byteCount: maxRows * 4)
  }

  /// Quantizes each row with a scale of its own: `absmax / 127`.
  ///
  /// - Parameters:
  ///   - x: `[rows, columns]`, row-major. NaN and infinity give meaningless codes, not traps.
  ///   - form: `signed` where a 4-bit layer will read the rows (8-bit layers read both).
  ///   - pool: Takes the rows where there is enough to do.
  public func quantizeDynamic(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, form: ActivationForm, pool: WorkerPool
  ) {
    begin(rows, columns, form, zero: 128)
    pool.forEachRow(
      rows, columns: columns,
      DynamicRows(x: x, scales: scales.pointer(to: Float.self), target: codes, quantize: kernel.dynamic))
  }

  /// Quantizes all rows with a fixed scale and zero point.
  ///
  /// - Parameters:
  ///   - x: `[rows, columns]`, row-major.
  ///   - scale: Units per code; its reciprocal is finite.
  ///   - zero: The code of 0.0, in 0…255.
  public func quantizeStatic(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, scale: Float, zero: Int, form: ActivationForm,
    pool: WorkerPool
  ) {
    precondition((0...255).contains(zero), "ActivationRows.quantizeStatic: zero \(zero) is not in 0...255")
    precondition(scale > 0 && (1 / scale).isFinite, "ActivationRows.quantizeStatic: scale \(scale)")
    begin(rows, columns, form, zero: zero)
    scales.pointer(to: Float.self).update(repeating: scale, count: rows)
    pool.forEachRow(
      rows, columns: columns,
      StaticRows(x: x, inverse: 1 / scale, zero: Float(zero), target: codes, quantize: kernel.fixed))
  }

  /// The rows as kernels read them, valid until the next quantization.
  var quantized: QuantizedRows {
    let stride = Self.stride(columns)
    return QuantizedRows(
      unsigned: unsigned.pointer(to: UInt8.self),
      signed: form == .signed ? UnsafePointer(signed.pointer(to: Int8.self)) : nil,
      groupSums: form == .signed ? UnsafePointer(groupSums.pointer(to: Int32.self)) : nil,
      scales: scales.pointer(to: Float.self), zero: Int32(zero), count: rows, stride: stride,
      groupStride: stride / WeightLayout.group)
  }

  private func begin(_ rows: Int, _ columns: Int, _ form: ActivationForm, zero: Int) {
    precondition(
      (0...maxRows).contains(rows) && (1...maxColumns).contains(columns),
      "ActivationRows: [\(rows), \(columns)] does not fit in [\(maxRows), \(maxColumns)]")
    self.rows = rows
    self.columns = columns
    self.form = form
    self.zero = zero
  }

  /// Where the codes of the rows go.
  private var codes: CodeRows {
    CodeRows(
      columns: columns, stride: Self.stride(columns), unsigned: unsigned.pointer(to: UInt8.self),
      signed: form == .signed ? signed.pointer(to: Int8.self) : nil,
      groupSums: form == .signed ? groupSums.pointer(to: Int32.self) : nil)
  }

  /// Bytes from row to row: whole cache lines.
  private static func stride(_ columns: Int) -> Int { WeightLayout.roundUp(columns, to: 64) }
}

/// The codes of several rows, in the forms that are wanted.
private struct CodeRows {
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

private struct DynamicRows: LoopBody {
  let x: UnsafePointer<Float>
  let scales: UnsafeMutablePointer<Float>
  let target: CodeRows
  let quantize: @Sendable (UnsafePointer<Float>, Int, RowCodes) -> Float

  func run(_ row: Int, worker: Int) {
    scales[row] = quantize(x + row * target.columns, target.columns, target[row])
  }
}

private struct StaticRows: LoopBody {
  let x: UnsafePointer<Float>
  let inverse: Float
  let zero: Float
  let target: CodeRows
  let quantize: @Sendable (UnsafePointer<Float>, Int, Float, Float, RowCodes) -> Void

  func run(_ row: Int, worker: Int) {
    quantize(x + row * target.columns, target.columns, inverse, zero, target[row])
  }
}
