import CIntrinsics
import ScalarKernels

/// ``quantizeGELU(_:stride:rows:_:into:)``; GELU of the zeros beyond a row is 0, which has the code of 0.
@inline(never)
package func quantizeGELUAVX512(
  _ x: UnsafePointer<Float>, stride: Int, rows: Int, _ gelu: FixedPointGELU, into codes: CodeRows
) {
  let gelu = GELURegisters(gelu)
  for row in 0..<rows {
    let (values, target) = (x + row &* stride, codes[row])
    var i = 0
    while i &+ 64 <= codes.columns {
      let bytes = gelu.codes { _mm512_mul_ps(_mm512_loadu_ps(values + i + 16 &* $0), gelu.stepsPerUnit) }
      storeCodes(bytes, to: target.advanced(by: i), count: 64)
      i &+= 64
    }
    if i < codes.columns {
      let bytes = gelu.codes { quarter in
        let first = i &+ 16 &* quarter
        let mask = laneMask(max(0, codes.columns &- first))
        return _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, values + first), gelu.stepsPerUnit)
      }
      storeCodes(bytes, to: target.advanced(by: i), count: codes.columns &- i)
    }
  }
}

/// A ``FixedPointGELU`` in registers.
struct GELURegisters {
  let stepsPerUnit: __m512
  private let intercepts, slopes: (__m512i, __m512i)
  private let segmentShift, lastStep, slope, fraction: __m512i

  @inline(__always)
  init(_ gelu: FixedPointGELU) {
    stepsPerUnit = _mm512_set1_ps(gelu.stepsPerUnit)
    segmentShift = _mm512_set1_epi16(Int16(truncatingIfNeeded: gelu.segmentShift))
    lastStep = _mm512_set1_epi16(gelu.lastStep)
    slope = _mm512_set1_epi16(gelu.slope)
    fraction = _mm512_set1_epi16(Int16(truncatingIfNeeded: gelu.fraction))
    (intercepts, slopes) = withUnsafeBytes(of: gelu.segments) { segments in
      @inline(__always)
      func halves(_ index: Int, from first: Int16) -> __m512i {
        let even = unsafeBitCast(evenLanes, to: __m512i.self)
        return _mm512_permutex2var_epi16(
          segments.loadUnaligned(fromByteOffset: 128 &* index, as: __m512i.self),
          _mm512_add_epi16(_mm512_set1_epi16(first), even),
          segments.loadUnaligned(fromByteOffset: 128 &* index &+ 64, as: __m512i.self))
      }
      return ((halves(0, from: 0), halves(1, from: 0)), (halves(0, from: 1), halves(1, from: 1)))
    }
  }

  /// The codes of 64 values, of which `quarter` gives sixteen at a time, in steps.
  @inline(__always)
  func codes(_ quarter: (Int) -> __m512) -> __m512i {
    let low = _mm512_packs_epi32(rounded(quarter(0)), rounded(quarter(1)))
    let high = _mm512_packs_epi32(rounded(quarter(2)), rounded(quarter(3)))
    return wordsInOrder(_mm512_packus_epi16(codes(low), codes(high)))
  }

  /// The bound comes first: `vminps` returns the second operand for NaN, whose integer is the least one.
  @inline(__always)
  private func rounded(_ steps: __m512) -> __m512i {
    _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(0x7fff), steps))
  }

  /// The codes of 32 values, not yet limited to 0…255. Saturation changes nothing: 32,767 parts are 255 codes or more.
  @inline(__always)
  private func codes(_ steps: __m512i) -> __m512i {
    let magnitude = _mm512_min_epu16(_mm512_abs_epi16(steps), lastStep)
    let segment = _mm512_srlv_epi16(magnitude, segmentShift)
    let intercept = _mm512_permutex2var_epi16(intercepts.0, segment, intercepts.1)
    let line = _mm512_mulhrs_epi16(magnitude, _mm512_permutex2var_epi16(slopes.0, segment, slopes.1))
    let positive = _mm512_mulhrs_epi16(_mm512_max_epi16(steps, _mm512_setzero_si512()), slope)
    return _mm512_srav_epi16(_mm512_adds_epi16(_mm512_adds_epi16(intercept, line), positive), fraction)
  }
}

private var evenLanes: SIMD32<Int16> {
  SIMD32(
    0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52,
    54, 56, 58, 60, 62)
}

/// Writes unsigned codes in every form that `target` wants: `count` of 64, rounded up to groups of 32.
@inline(__always)
func storeCodes(_ bytes: __m512i, to target: RowCodes, count: Int) {
  let mask: UInt64 = count > 32 ? .max : 0xffff_ffff
  _mm512_mask_storeu_epi8(target.unsigned, mask, bytes)
  guard let signed = target.signed, let groupSums = target.groupSums else { return }
  _mm512_mask_storeu_epi8(signed, mask, _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)))
  // Sums of eight bytes, four of them a group.
  let sums = _mm512_sad_epu8(bytes, _mm512_setzero_si512())
  groupSums[0] = Int32(truncatingIfNeeded: _mm512_mask_reduce_add_epi64(0x0f, sums)) &- 32 &* 128
  if count > 32 {
    groupSums[1] = Int32(truncatingIfNeeded: _mm512_mask_reduce_add_epi64(0xf0, sums)) &- 32 &* 128
  }
}
