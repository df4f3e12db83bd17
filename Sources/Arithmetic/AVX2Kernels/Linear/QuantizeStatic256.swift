#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeRowStatic(_:columns:_:into:)``.
  @inline(never)
  package func quantizeRowStaticAVX2(
    _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
  ) {
    encode(columns, quantization, codes) { i, remaining in Lanes(row + i, remaining: remaining) }
  }

  /// ``quantizeLayerNorm(_:rows:_:_:into:)``: two sums, and then codes without a normed row in between.
  @inline(never)
  package func quantizeLayerNormAVX2(
    _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
    into codes: CodeRows
  ) {
    for row in 0..<rows {
      let values = x + row &* codes.columns
      let (mean, r) = layerNormMoments(values, count: codes.columns, epsilon: norm.epsilon)
      encode(codes.columns, quantization, codes[row]) { i, remaining in
        let scaled = (Lanes(values + i, remaining: remaining) - mean) * r
        let weight = Lanes(norm.weight + i, remaining: remaining)
        var normed = Lanes(repeating: 0)
        normed.merge(fused(scaled, weight, Lanes(norm.bias + i, remaining: remaining)), remaining: remaining)
        return normed
      }
    }
  }

  /// Writes the codes of the values that `value` gives for lanes `i..<i + 16`; a lane beyond the row gives 0.
  @inline(__always)
  private func encode(
    _ columns: Int, _ quantization: StaticQuantization, _ codes: RowCodes,
    _ value: (_ i: Int, _ remaining: Int) -> Lanes
  ) {
    let (inverse, zero) = (_mm256_set1_ps(quantization.inverse), _mm256_set1_ps(quantization.zero))
    let (low, high, half) = (_mm256_setzero_ps(), _mm256_set1_ps(255), _mm256_set1_epi32(128))
    func code(_ x: __m256) -> __m256i {
      _mm256_sub_epi32(roundCodes(_mm256_fmadd_ps(x, inverse, zero), low, high), half)
    }
    var i = 0
    while i < columns {
      let (x, y) = (value(i, columns &- i), value(i &+ 16, max(0, columns &- i &- 16)))
      storeCodes(code(x.low), code(x.high), code(y.low), code(y.high), i, codes)
      i &+= 32
    }
  }
#endif
