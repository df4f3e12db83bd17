/// A fixed scale and zero point, for all rows of a tensor.
package struct StaticQuantization: Sendable {
  /// Codes per unit, finite.
  package var inverse: Float
  /// The code of 0.0, an integer in 0…255.
  package var zero: Float

  package init(inverse: Float, zero: Float) {
    self.inverse = inverse
    self.zero = zero
  }

  /// The code of `value`, minus 128.
  func signedCode(_ value: Float) -> Int32 {
    Int32(clamp(zero.addingProduct(value, inverse), 0, 255).rounded(.toNearestOrEven)) - 128
  }
}

/// Quantizes `row` (`[columns]`) to codes 0…255 with a fixed scale and zero point.
package func quantizeRowStatic(
  _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
) {
  encodeRow(row, columns, codes) { quantization.signedCode($0) }
}

/// The codes of GELU of each value of `rows` rows, `stride` values apart.
package func quantizeGELU(
  _ x: UnsafePointer<Float>, stride: Int, rows: Int, _ gelu: FixedPointGELU, into codes: CodeRows
) {
  for row in 0..<rows {
    encodeRow(x + row * stride, codes.columns, codes[row]) { gelu.code($0) - 128 }
  }
}

/// Quantizes ``layerNorm(_:weight:bias:_:count:epsilon:)`` of `rows` rows without gaps.
package func quantizeLayerNorm(
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
package struct LayerNormConstants {
  package var weight: UnsafePointer<Float>
  package var bias: UnsafePointer<Float>
  package var epsilon: Float

  package init(weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }
}
