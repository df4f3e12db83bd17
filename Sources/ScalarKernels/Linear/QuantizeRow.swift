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

/// A fixed scale and zero point, for all rows of a tensor.
public struct StaticQuantization: Sendable {
  /// Codes per unit, finite.
  public var inverse: Float
  /// The code of 0.0, an integer in 0…255.
  public var zero: Float

  public init(inverse: Float, zero: Float) {
    self.inverse = inverse
    self.zero = zero
  }

  /// The code of `value`, minus 128.
  func signedCode(_ value: Float) -> Int32 {
    Int32(clamp(zero.addingProduct(value, inverse), 0, 255).rounded(.toNearestOrEven)) - 128
  }
}

/// Quantizes `row` (`[columns]`) to codes 0…255 with a fixed scale and zero point.
public func quantizeRowStatic(
  _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
) {
  encodeRow(row, columns, codes) { quantization.signedCode($0) }
}

/// ``quantizeRowStatic(_:columns:_:into:)`` of ``gelu(_:)`` of each value.
public func quantizeRowGELU(
  _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
) {
  encodeRow(row, columns, codes) { quantization.signedCode(gelu($0)) }
}

/// ``quantizeRowStatic(_:columns:_:into:)`` of ``layerNorm(_:weight:bias:_:count:epsilon:)``.
public func quantizeRowLayerNorm(
  _ row: UnsafePointer<Float>, columns: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
  into codes: RowCodes
) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { normed in
    guard let base = normed.baseAddress else { return }
    layerNorm(row, weight: norm.weight, bias: norm.bias, base, count: columns, epsilon: norm.epsilon)
    quantizeRowStatic(base, columns: columns, quantization, into: codes)
  }
}

/// What a layer norm multiplies and adds after centring and scaling, `[columns]` each.
public struct LayerNormConstants {
  public var weight: UnsafePointer<Float>
  public var bias: UnsafePointer<Float>
  public var epsilon: Float

  public init(weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }
}

/// Writes the signed code that `encode` gives for each value, in every form that `codes` wants.
@inline(__always)
private func encodeRow(
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
private func clamp(_ value: Float, _ low: Float, _ high: Float) -> Float {
  let raised = value > low ? value : low
  return raised < high ? raised : high
}
