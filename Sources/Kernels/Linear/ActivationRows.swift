import ScalarKernels
import TensorCore

/// Which codes of a row are needed: unsigned ones for 8-bit weights, and signed ones as well for kernels that
/// multiply 4-bit weights without unpacking them.
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
  ///   - form: That of the layers which will read the rows; one that wants `unsigned` reads both.
  ///   - pool: Takes the rows where there is enough to do.
  public func quantizeDynamic(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, form: ActivationForm, pool: WorkerPool
  ) {
    begin(rows, columns, form, zero: 128)
    let scales = scales.pointer(to: Float.self)
    forEachRow(pool) { row, codes in scales[row] = self.kernel.dynamic(x + row * columns, columns, codes) }
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
    let scales = scales.pointer(to: Float.self)
    forEachRow(pool) { row, codes in
      self.kernel.fixed(x + row * columns, columns, 1 / scale, Float(zero), codes)
      scales[row] = scale
    }
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

  /// Rows are cut into chunks of about 16 Ki values: less is not worth another core.
  private func forEachRow(_ pool: WorkerPool, _ body: (Int, RowCodes) -> Void) {
    let stride = Self.stride(columns)
    let (unsigned, signed) = (unsigned.pointer(to: UInt8.self), signed.pointer(to: Int8.self))
    let groupSums = groupSums.pointer(to: Int32.self)
    let wantsSigned = form == .signed
    pool.forEachRow(rows, columns: columns) { row in
      body(
        row,
        RowCodes(
          unsigned: unsigned + row * stride, signed: wantsSigned ? signed + row * stride : nil,
          groupSums: wantsSigned ? groupSums + row * stride / WeightLayout.group : nil))
    }
  }

  /// Bytes from row to row: an odd number of cache lines, so that a column of 16 rows does not fall into one set of
  /// the cache.
  private static func stride(_ columns: Int) -> Int { WeightLayout.roundUp(columns, to: 64) | 64 }
}
