#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeRowDynamic(_:columns:into:)``, 8 values a step. A maximum has no order, so lanes may keep
  /// their own.
  @inline(never)
  package func quantizeRowDynamicAVX2(
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
    let packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d))
    storeBytes(_mm256_xor_si256(quadsInOrder(packed), _mm256_set1_epi8(-128)), i, codes)
  }

  /// The same for unsigned codes.
  @inline(__always)
  func storeBytes(_ bytes: __m256i, _ i: Int, _ codes: RowCodes) {
    UnsafeMutableRawPointer(codes.unsigned + i).storeBytes(of: bytes, as: __m256i.self)
    guard let signed = codes.signed, let groupSums = codes.groupSums else { return }
    UnsafeMutableRawPointer(signed + i).storeBytes(
      of: _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)), as: __m256i.self)
    let eights = unsafeBitCast(_mm256_sad_epu8(bytes, _mm256_setzero_si256()), to: SIMD4<Int64>.self)
    let sum = eights[0] &+ eights[1] &+ eights[2] &+ eights[3]
    groupSums[i &>> 5] = Int32(truncatingIfNeeded: sum) &- 32 &* 128
  }

  /// Undoes the order of 32 bytes packed from four registers of words: packing works within 128 bits.
  @inline(__always)
  func quadsInOrder(_ packed: __m256i) -> __m256i {
    _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
  }
#endif
