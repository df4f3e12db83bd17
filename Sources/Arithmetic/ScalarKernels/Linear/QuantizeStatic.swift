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

/// The codes of GELU of each value of `rows` rows, `stride` values apart.
public func quantizeGELU(
  _ x: UnsafePointer<Float>, stride: Int, rows: Int, _ gelu: FixedPointGELU, into codes: CodeRows
) {
  for row in 0..<rows {
    encodeRow(x + row * stride, codes.columns, codes[row]) { gelu.code($0) - 128 }
  }
}

/// Quantizes ``layerNorm(_:weight:bias:_:count:epsilon:)`` of `rows` rows without gaps.
public func quantizeLayerNorm(
  _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
  into codes: CodeRows
) {
  let columns = codes.columns
  withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { normed in
    guard let base = normed.baseAddress else { return }
    for row in 0..<rows {
      layerNorm(
        x + row * columns, weight: norm.weight, bias: norm.bias, base, count: columns, epsilon: norm.epsilon)
      quantizeRowStatic(base, columns: columns, quantization, into: codes[row])
    }
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
