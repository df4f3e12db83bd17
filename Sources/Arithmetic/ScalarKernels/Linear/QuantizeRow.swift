/// Where the codes of one row go; all three hold `columns` rounded up to a group of 32.
///
/// `signed` and `groupSums` come together, or are both absent where no 4-bit layer reads the row.
public struct RowCodes {
  public var unsigned: UnsafeMutablePointer<UInt8>
  public var signed: UnsafeMutablePointer<Int8>?
  public var groupSums: UnsafeMutablePointer<Int32>?

  public init(
    unsigned: UnsafeMutablePointer<UInt8>, signed: UnsafeMutablePointer<Int8>?,
    groupSums: UnsafeMutablePointer<Int32>?
  ) {
    self.unsigned = unsigned
    self.signed = signed
    self.groupSums = groupSums
  }

  /// The codes from column `columns` on, a multiple of 32.
  public func advanced(by columns: Int) -> Self {
    Self(
      unsigned: unsigned + columns, signed: signed.map { $0 + columns },
      groupSums: groupSums.map { $0 + columns / WeightLayout.group })
  }
}

/// Where the codes of several rows go.
public struct CodeRows {
  /// The first row's.
  public var first: RowCodes
  public var columns: Int
  /// Bytes from row to row, a multiple of 64.
  public var stride: Int

  public init(first: RowCodes, columns: Int, stride: Int) {
    self.first = first
    self.columns = columns
    self.stride = stride
  }

  public subscript(row: Int) -> RowCodes { first.advanced(by: row * stride) }

  /// `columns` columns from column `column` on, a multiple of 32, of the rows from `row` on.
  public func slice(row: Int, column: Int, columns: Int) -> Self {
    Self(first: first.advanced(by: row * stride + column), columns: columns, stride: stride)
  }
}

/// The two scales of a dynamically quantized row; see <doc:Numerics>.
public struct RowScale {
  /// Units of the row per code.
  public var scale: Float
  /// Codes per unit; 0 where the row is all zeros or has no finite reciprocal, so that nothing divides by 0.
  public var inverse: Float

  public init(absmax: Float) {
    scale = absmax / 127
    let reciprocal = 127 / absmax
    inverse = absmax > 0 && reciprocal < .infinity ? reciprocal : 0
  }
}

/// Quantizes `row` (`[columns]`) to codes −127…127 with one scale from its own largest magnitude.
///
/// `|code · scale − x| ≤ scale / 2`. NaNs do not count towards the largest magnitude and become −127.
/// Columns up to the next multiple of 32 get the code of 0.
///
/// - Returns: The row's scale.
public func quantizeRowDynamic(_ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes) -> Float {
  var absmax: Float = 0
  for i in 0..<columns { absmax = abs(row[i]) > absmax ? abs(row[i]) : absmax }
  let scale = RowScale(absmax: absmax)
  encodeRow(row, columns, codes) { Int32(clamp($0 * scale.inverse, -127, 127).rounded(.toNearestOrEven)) }
  return scale.scale
}

/// Writes the signed code that `encode` gives for each value, in every form that `codes` wants.
@inline(__always)
func encodeRow(
  _ row: UnsafePointer<Float>, _ columns: Int, _ codes: RowCodes, _ encode: (Float) -> Int32
) {
  for group in 0..<(columns + 31) / 32 {
    var sum: Int32 = 0
    for i in group * 32..<group * 32 + 32 {
      let code = encode(i < columns ? row[i] : 0)
      codes.unsigned[i] = UInt8(code + 128)
      codes.signed?[i] = Int8(code)
      sum += code
    }
    codes.groupSums?[group] = sum
  }
}

/// `max`, then `min`, so that NaN becomes `low`.
@inline(__always)
func clamp(_ value: Float, _ low: Float, _ high: Float) -> Float {
  let raised = value > low ? value : low
  return raised < high ? raised : high
}
