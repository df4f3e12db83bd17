import ScalarKernels
import TensorCore

/// Which codes of a row are needed: unsigned ones for 8-bit weights, and signed ones as well for kernels that
/// multiply 4-bit weights without unpacking them.
package enum ActivationForm: Sendable {
  case unsigned, signed
}

/// Quantized rows in storage that is used again: quantized once, read by every layer of the same input (q, k
/// and v; gate and up).
///
/// One thread owns it, and fills and reads it in turn. Nothing is allocated after `init`.
package final class ActivationRows {
  package let maxRows: Int
  package let maxColumns: Int
  package private(set) var rows = 0
  package private(set) var columns = 0
  package private(set) var form = ActivationForm.unsigned
  /// Whether all rows share one scale.
  private(set) var isStatic = false

  private let unsigned: UnsafeMutablePointer<UInt8>
  private let signed: UnsafeMutablePointer<Int8>
  private let groupSums: UnsafeMutablePointer<Int32>
  private let scales: UnsafeMutablePointer<Float>
  private let storage: [AlignedStorage]
  private let kernel: QuantizeRowKernel
  private var zero = 0

  /// Room for `[maxRows, maxColumns]` codes in both forms.
  package init(maxRows: Int, maxColumns: Int, kernels: LinearKernels = .selected) {
    precondition(maxRows > 0 && maxColumns > 0, "ActivationRows: [\(maxRows), \(maxColumns)]")
    self.maxRows = maxRows
    self.maxColumns = maxColumns
    kernel = kernels.quantize
    let stride = Self.stride(maxColumns)
    let bytes = maxRows * stride
    storage = [bytes, bytes, bytes / WeightLayout.group * 4, maxRows * 4].map {
      AlignedStorage(byteCount: $0)
    }
    unsigned = storage[0].pointer(to: UInt8.self)
    signed = storage[1].pointer(to: Int8.self)
    groupSums = storage[2].pointer(to: Int32.self)
    scales = storage[3].pointer(to: Float.self)
  }

  /// Quantizes each row with a scale of its own: `absmax / 127`.
  ///
  /// - Parameters:
  ///   - x: `[rows, columns]`, row-major. NaN and infinity give meaningless codes, not traps.
  ///   - form: The form of the layers that will read the rows; a layer that wants `unsigned` reads both.
  ///   - pool: Its threads share the rows where there is enough to do.
  package func quantizeDynamic(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, form: ActivationForm, pool: WorkerPool
  ) {
    begin(rows, columns, form, zero: 128)
    pool.forEachRow(
      rows, columns: columns,
      DynamicRows(x: x, scales: scales, target: codes, quantize: kernel.dynamic))
  }

  /// Quantizes rows as ``quantizeDynamic(_:rows:columns:form:pool:)`` does, each as soon as `source` has
  /// computed it. Only one row of floats for each thread exists at a time.
  package func quantizeDynamic<Source: RowSource>(
    of source: Source, rows: Int, columns: Int, form: ActivationForm, pool: WorkerPool
  ) {
    begin(rows, columns, form, zero: 128)
    pool.forEachRow(
      rows, columns: columns,
      ComputedRows(
        source: source, scales: scales, target: codes, quantize: kernel.dynamic,
        scratch: pool.scratch(byteCount: columns * MemoryLayout<Float>.size)))
  }

  /// Quantizes all rows with a fixed scale and zero point.
  ///
  /// - Parameter x: `[rows, columns]`, row-major.
  package func quantizeStatic(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, _ input: StaticInput, pool: WorkerPool
  ) {
    beginStatic(rows, columns, input)
    pool.forEachRow(
      rows, columns: columns,
      StaticRows(x: x, quantization: input.quantization, target: codes, quantize: kernel.fixed))
  }

  /// Quantizes the layer norm of each row as ``quantizeStatic(_:rows:columns:_:pool:)`` does, without storing
  /// the norm. Runs on the calling thread.
  package func quantizeLayerNorm(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, _ norm: LayerNormConstants, _ input: StaticInput
  ) {
    beginStatic(rows, columns, input)
    kernel.layerNorm(x, rows, norm, input.quantization, codes)
  }

  /// Quantizes patches `range` of a picture, one row each, as ``quantizeStatic(_:rows:columns:_:pool:)`` does
  /// their values. Runs on the calling thread.
  ///
  /// - Parameter scratch: Room for the values of one patch.
  package func quantizePatches(
    of pixels: PatchPixels, _ grid: PatchGrid, _ range: Range<Int>, _ input: StaticInput,
    scratch: UnsafeMutablePointer<Float>
  ) {
    beginStatic(range.count, grid.values, input)
    kernel.patches(pixels, grid, range, input.quantization, codes, scratch)
  }

  /// Makes room for statically quantized rows, which the caller then writes to ``codes``.
  func beginStatic(_ rows: Int, _ columns: Int, _ input: StaticInput) {
    begin(rows, columns, input.form, zero: input.zero)
    isStatic = true
    scales.update(repeating: input.scale, count: rows)
  }

  /// The rows as kernels read them, valid until the next quantization.
  var quantized: QuantizedRows {
    let stride = Self.stride(columns)
    return QuantizedRows(
      unsigned: unsigned, signed: form == .signed ? UnsafePointer(signed) : nil,
      groupSums: form == .signed ? UnsafePointer(groupSums) : nil, scales: scales, zero: Int32(zero),
      count: rows,
      stride: stride, groupStride: stride / WeightLayout.group)
  }

  private func begin(_ rows: Int, _ columns: Int, _ form: ActivationForm, zero: Int) {
    precondition(
      (0...maxRows).contains(rows) && (1...maxColumns).contains(columns),
      "ActivationRows: [\(rows), \(columns)] does not fit in [\(maxRows), \(maxColumns)]")
    self.rows = rows
    self.columns = columns
    self.form = form
    self.zero = zero
    isStatic = false
  }

  /// Where the codes of the rows go.
  var codes: CodeRows {
    let first = RowCodes(
      unsigned: unsigned, signed: form == .signed ? signed : nil,
      groupSums: form == .signed ? groupSums : nil)
    return CodeRows(first: first, columns: columns, stride: Self.stride(columns))
  }

  /// Bytes from row to row: an odd number of cache lines, so that a column of 16 rows does not fall into one set of
  /// the cache.
  private static func stride(_ columns: Int) -> Int { WeightLayout.roundUp(columns, to: 64) | 64 }
}
