#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeRowStatic(_:columns:_:into:)``.
  @inline(never)
  package func quantizeRowStaticAVX512(
    _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
  ) {
    encodeStatic(columns, quantization, codes) { i, mask in _mm512_maskz_loadu_ps(mask, row + i) }
  }

  /// ``quantizeLayerNorm(_:rows:_:_:into:)``: sums of four rows, then codes without a normed row in between.
  ///
  /// A row's sums wait for each other more than they compute, so four rows take turns.
  @inline(never)
  package func quantizeLayerNormAVX512(
    _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
    into codes: CodeRows
  ) {
    for first in Swift.stride(from: 0, to: rows, by: 4) {
      let moments = FourMoments(
        x + first &* codes.columns, rows: rows &- first, count: codes.columns, norm.epsilon)
      for row in 0..<min(4, rows &- first) {
        let (mean, r) = (_mm512_set1_ps(moments.means[row]), _mm512_set1_ps(moments.reciprocals[row]))
        let values = x + (first &+ row) &* codes.columns
        encodeStatic(codes.columns, quantization, codes[first &+ row]) { i, mask in
          let scaled = _mm512_mul_ps(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, values + i), mean), r)
          let weight = _mm512_maskz_loadu_ps(mask, norm.weight + i)
          return _mm512_maskz_fmadd_ps(mask, scaled, weight, _mm512_maskz_loadu_ps(mask, norm.bias + i))
        }
      }
    }
  }

  /// Writes the codes of the values that `value` gives for lanes `i..<i + 16` under a mask; a lane outside gives 0.
  @inline(__always)
  func encodeStatic(
    _ columns: Int, _ quantization: StaticQuantization, _ codes: RowCodes,
    _ value: (_ i: Int, _ mask: __mmask16) -> __m512
  ) {
    let (inverse, zero) = (_mm512_set1_ps(quantization.inverse), _mm512_set1_ps(quantization.zero))
    let high = _mm512_set1_ps(255)
    var i = 0
    if codes.signed == nil {
      // The bound comes first, so that NaN stays NaN; it and what lies below 0 become 0 in saturating packs.
      while i &+ 64 <= columns {
        let a = _mm512_cvtps_epi32(_mm512_min_ps(high, _mm512_fmadd_ps(value(i, 0xffff), inverse, zero)))
        let b = _mm512_cvtps_epi32(
          _mm512_min_ps(high, _mm512_fmadd_ps(value(i &+ 16, 0xffff), inverse, zero)))
        let c = _mm512_cvtps_epi32(
          _mm512_min_ps(high, _mm512_fmadd_ps(value(i &+ 32, 0xffff), inverse, zero)))
        let d = _mm512_cvtps_epi32(
          _mm512_min_ps(high, _mm512_fmadd_ps(value(i &+ 48, 0xffff), inverse, zero)))
        _mm512_storeu_si512(codes.unsigned + i, Quad(a, b, c, d).unsignedBytes)
        i &+= 64
      }
    }
    let (low, half) = (_mm512_setzero_ps(), _mm512_set1_epi32(128))
    while i < columns {
      let x = _mm512_fmadd_ps(value(i, laneMask(columns &- i)), inverse, zero)
      let y = _mm512_fmadd_ps(value(i &+ 16, laneMask(max(0, columns &- i &- 16))), inverse, zero)
      let (a, b) = (roundCodes(x, low, high), roundCodes(y, low, high))
      storeCodes(_mm512_sub_epi32(a, half), _mm512_sub_epi32(b, half), i, codes)
      i &+= 32
    }
  }
#endif
