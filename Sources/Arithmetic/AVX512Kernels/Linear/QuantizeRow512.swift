#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeRowDynamic(_:columns:into:)``, 16 values a step. A maximum has no order, so lanes may keep
  /// their own.
  @inline(never)
  package func quantizeRowDynamicAVX512(
    _ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes
  ) -> Float {
    var lanes = _mm512_setzero_ps()
    var i = 0
    while i < columns {
      // The accumulator comes second: `vmaxps` returns it where the value is NaN.
      lanes = _mm512_max_ps(_mm512_abs_ps(load(row, i, columns)), lanes)
      i &+= 16
    }
    let scale = RowScale(absmax: _mm512_reduce_max_ps(lanes))
    let (inverse, low, high) = (_mm512_set1_ps(scale.inverse), _mm512_set1_ps(-127), _mm512_set1_ps(127))
    i = 0
    while i < columns {
      let x0 = _mm512_mul_ps(load(row, i, columns), inverse)
      let x1 = _mm512_mul_ps(load(row, i &+ 16, columns), inverse)
      storeCodes(roundCodes(x0, low, high), roundCodes(x1, low, high), i, codes)
      i &+= 32
    }
    return scale.scale
  }

  /// Values `i..<i + 16`; beyond `columns` they are 0 and memory is not touched.
  @inline(__always)
  private func load(_ row: UnsafePointer<Float>, _ i: Int, _ columns: Int) -> __m512 {
    let count = max(0, min(16, columns &- i))
    return _mm512_maskz_loadu_ps(__mmask16(truncatingIfNeeded: (1 &<< count) &- 1), row + i)
  }

  /// Clamps (`max` first, so that NaN becomes `low`) and rounds to the nearest, ties to even.
  @inline(__always)
  func roundCodes(_ x: __m512, _ low: __m512, _ high: __m512) -> __m512i {
    _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(x, low), high))
  }

  /// Writes one group of 32 signed codes in every form that `codes` wants.
  @inline(__always)
  func storeCodes(_ a: __m512i, _ b: __m512i, _ i: Int, _ codes: RowCodes) {
    let (x, y) = (_mm512_cvtepi32_epi8(a), _mm512_cvtepi32_epi8(b))
    let flip = _mm_set1_epi8(-128)
    let unsigned = UnsafeMutableRawPointer(codes.unsigned + i)
    unsigned.storeBytes(of: _mm_xor_si128(x, flip), as: __m128i.self)
    unsigned.storeBytes(of: _mm_xor_si128(y, flip), toByteOffset: 16, as: __m128i.self)
    guard let signed = codes.signed, let groupSums = codes.groupSums else { return }
    UnsafeMutableRawPointer(signed + i).storeBytes(of: x, as: __m128i.self)
    UnsafeMutableRawPointer(signed + i).storeBytes(of: y, toByteOffset: 16, as: __m128i.self)
    groupSums[i &>> 5] = _mm512_reduce_add_epi32(_mm512_add_epi32(a, b))
  }
#endif
