import ScalarKernels

extension FloatLanes {
  /// ``quantizeRowStatic(_:columns:_:into:)``.
  @inlinable @inline(__always)
  public static func quantizeRowStatic(
    _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
  ) {
    encode(columns, quantization, codes) { i, remaining in Self(row + i, remaining: remaining) }
  }

  /// Writes the codes of the values that `value` gives for lanes `i ..< i + 16`, with a fixed scale and zero point; a lane
  /// from `remaining` on gives 0.
  @inlinable @inline(__always)
  public static func encode(
    _ columns: Int, _ quantization: StaticQuantization, _ codes: RowCodes,
    _ value: (_ i: Int, _ remaining: Int) -> Self
  ) {
    let (inverse, zero) = (Self(repeating: quantization.inverse), Self(repeating: quantization.zero))
    let (low, high) = (Self(repeating: 0), Self(repeating: 255))
    var start = 0
    if codes.signed == nil {
      /// The bound comes first, so that NaN stays NaN; it and what lies below 0 become 0 when integers are packed.
      @inline(__always)
      func code(_ i: Int) -> Integers { lesser(high, fused(value(i, 16), inverse, plus: zero)).rounded }
      while start &+ 64 <= columns {
        Integers.store(
          saturated: code(start), code(start &+ 16), code(start &+ 32), code(start &+ 48),
          codes.unsigned + start)
        start &+= 64
      }
    }
    let half = Integers(repeating: 128)
    @inline(__always)
    func signedCode(_ x: Self) -> Integers {
      lesser(greater(fused(x, inverse, plus: zero), low), high).rounded &- half
    }
    forEachGroup(of: columns, from: start) { i, first, second in
      Integers.store(
        signed: signedCode(value(i, first)), signedCode(value(i &+ 16, second)), at: i, of: codes)
    }
  }
}

extension FloatLanes {
  /// ``quantizeLayerNorm(_:rows:_:_:into:)``: two sums, and then codes without a normed row in between.
  @inlinable @inline(__always)
  public static func quantizeLayerNorm(
    _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
    into codes: CodeRows
  ) {
    for row in 0..<rows {
      let values = x + row &* codes.columns
      let moments = Moments<Self>(values, count: codes.columns, epsilon: norm.epsilon)
      encode(
        values, codes.columns, moments.mean, moments.reciprocal, norm, quantization, into: codes[row])
    }
  }

  /// The codes of one row's layer norm, from its moments.
  @inlinable @inline(__always)
  public static func encode(
    _ row: UnsafePointer<Float>, _ columns: Int, _ mean: Self, _ reciprocal: Self, _ norm: LayerNormConstants,
    _ quantization: StaticQuantization, into codes: RowCodes
  ) {
    encode(columns, quantization, codes) { i, remaining in
      let scaled = (Self(row + i, remaining: remaining) - mean) * reciprocal
      let weight = Self(norm.weight + i, remaining: remaining)
      var normed = Self(repeating: 0)
      normed.merge(
        fused(scaled, weight, plus: Self(norm.bias + i, remaining: remaining)), remaining: remaining)
      return normed
    }
  }
}
