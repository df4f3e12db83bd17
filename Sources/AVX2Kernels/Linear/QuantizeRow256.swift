#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeRowDynamic(_:columns:into:)``, 8 values a step. A maximum has no order, so lanes may keep
  /// their own.
  @inline(never)
  public func quantizeRowDynamicAVX2(
    _ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes
  ) -> Float {
    let magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fff_ffff))
    var maxima = _mm256_setzero_ps()
    var i = 0
    while i < columns {
      // The accumulator comes second: `vmaxps` returns it where the value is NaN.
      maxima = _mm256_max_ps(_mm256_and_ps(load(row, i, columns), magnitude), maxima)
      i &+= 8
    }
    // Lane by lane: `SIMD8.max()` would leave a shared specialization with this module's instructions in it.
    var absmax: Float = 0
    for lane in 0..<8 { absmax = maxima[lane] > absmax ? maxima[lane] : absmax }
    let scale = RowScale(absmax: absmax)
    let (inverse, low, high) = (_mm256_set1_ps(scale.inverse), _mm256_set1_ps(-127), _mm256_set1_ps(127))
    i = 0
    while i < columns {
      storeCodes(
        roundCodes(_mm256_mul_ps(load(row, i, columns), inverse), low, high),
        roundCodes(_mm256_mul_ps(load(row, i &+ 8, columns), inverse), low, high),
        roundCodes(_mm256_mul_ps(load(row, i &+ 16, columns), inverse), low, high),
        roundCodes(_mm256_mul_ps(load(row, i &+ 24, columns), inverse), low, high), i, codes)
      i &+= 32
    }
    return scale.scale
  }

  /// Values `i..<i + 8`; beyond `columns` they are 0 and memory is not touched.
  @inline(__always)
  private func load(_ row: UnsafePointer<Float>, _ i: Int, _ columns: Int) -> __m256 {
    _mm256_maskload_ps(row + i, lanes(from: i, below: columns))
  }

  /// Clamps (`max` first, so that NaN becomes `low`) and rounds to the nearest, ties to even.
  @inline(__always)
  func roundCodes(_ x: __m256, _ low: __m256, _ high: __m256) -> __m256i {
    _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(x, low), high))
  }

  /// Writes one group of 32 signed codes in every form that `codes` wants.
  @inline(__always)
  func storeCodes(_ a: __m256i, _ b: __m256i, _ c: __m256i, _ d: __m256i, _ i: Int, _ codes: RowCodes) {
    // Packing works within 128-bit halves; the permutation puts the quads back in order.
    let packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d))
    let bytes = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
    UnsafeMutableRawPointer(codes.unsigned + i).storeBytes(
      of: _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)), as: __m256i.self)
    guard let signed = codes.signed, let groupSums = codes.groupSums else { return }
    UnsafeMutableRawPointer(signed + i).storeBytes(of: bytes, as: __m256i.self)
    let sums = _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d))
    let pairs = _mm256_hadd_epi32(sums, sums)
    let quads = _mm256_hadd_epi32(pairs, pairs)
    groupSums[i &>> 5] =
      _mm256_cvtsi256_si32(quads)
      &+ _mm256_cvtsi256_si32(_mm256_permutevar8x32_epi32(quads, _mm256_set1_epi32(4)))
  }
#endif
