import CIntrinsics
import LaneBodies
import ScalarKernels

/// ``quantizeGELU(_:stride:rows:_:into:)``; GELU of the zeros beyond a row is 0, which has the code of 0.
@inline(never)
package func quantizeGELUAVX2(
  _ x: UnsafePointer<Float>, stride: Int, rows: Int, _ gelu: FixedPointGELU, into codes: CodeRows
) {
  let gelu = GELURegisters(gelu)
  for row in 0..<rows {
    let (values, target) = (x + row &* stride, codes[row])
    var i = 0
    while i < codes.columns {
      let low = Lanes(values + i, remaining: codes.columns &- i)
      let high = Lanes(values + i + 16, remaining: max(0, codes.columns &- i &- 16))
      storeBytes(gelu.codes(low, high), i, target)
      i &+= 32
    }
  }
}

/// A ``FixedPointGELU`` for 32 values at a time.
private struct GELURegisters {
  private let lines: SegmentBytes
  private let stepsPerUnit: __m256
  private let lastStep, slope: __m256i
  private let segmentShift, fraction: __m128i

  @inline(__always)
  init(_ gelu: FixedPointGELU) {
    lines = SegmentBytes(gelu.segments)
    stepsPerUnit = _mm256_set1_ps(gelu.stepsPerUnit)
    lastStep = _mm256_set1_epi16(gelu.lastStep)
    slope = _mm256_set1_epi16(gelu.slope)
    segmentShift = _mm_cvtsi32_si128(Int32(truncatingIfNeeded: gelu.segmentShift))
    fraction = _mm_cvtsi32_si128(Int32(truncatingIfNeeded: gelu.fraction))
  }

  /// The codes of 32 values, one byte each. Packing and unpacking work within 128 bits and undo each other.
  @inline(__always)
  func codes(_ x: Lanes, _ y: Lanes) -> __m256i {
    let (a, b) = (steps(x), steps(y))
    let (u, v) = (magnitude(a), magnitude(b))
    let segments = _mm256_packus_epi16(
      _mm256_srl_epi16(u, segmentShift), _mm256_srl_epi16(v, segmentShift))
    let (intercepts, slopes) = (lines.intercepts(segments), lines.slopes(segments))
    return wordsInOrder(
      _mm256_packus_epi16(
        code(a, u, intercepts.0, slopes.0), code(b, v, intercepts.1, slopes.1)))
  }

  @inline(__always)
  private func steps(_ x: Lanes) -> __m256i { _mm256_packs_epi32(rounded(x.low), rounded(x.high)) }

  /// The bound comes first: `vminps` returns the second operand for NaN, whose integer is the least one.
  @inline(__always)
  private func rounded(_ x: __m256) -> __m256i {
    _mm256_cvtps_epi32(_mm256_min_ps(_mm256_set1_ps(0x7fff), _mm256_mul_ps(x, stepsPerUnit)))
  }

  @inline(__always)
  private func magnitude(_ steps: __m256i) -> __m256i {
    _mm256_min_epu16(_mm256_abs_epi16(steps), lastStep)
  }

  /// Not yet limited to 0…255. Saturation changes nothing: 32,767 parts are 255 codes or more.
  @inline(__always)
  private func code(_ steps: __m256i, _ magnitude: __m256i, _ intercept: __m256i, _ line: __m256i)
    -> __m256i
  {
    let residue = _mm256_adds_epi16(intercept, _mm256_mulhrs_epi16(magnitude, line))
    let positive = _mm256_mulhrs_epi16(_mm256_max_epi16(steps, _mm256_setzero_si256()), slope)
    return _mm256_sra_epi16(_mm256_adds_epi16(residue, positive), fraction)
  }
}

/// The bytes of 64 words, as shuffles of 16 bytes look them up: each of the four in a plane of four quarters.
private struct SegmentBytes {
  private let planes: InlineArray<4, InlineArray<4, __m128i>>

  @inline(__always)
  init(_ segments: SIMD64<Int32>) {
    var planes = InlineArray<4, InlineArray<4, __m128i>>(
      repeating: InlineArray(repeating: _mm_setzero_si128()))
    withUnsafeBytes(of: segments) { bytes in
      for quarter in 0..<4 {
        let rows = InlineArray<4, __m128i> { row in
          // The lowest bytes of four words, then the next ones…
          _mm_shuffle_epi8(
            bytes.loadUnaligned(fromByteOffset: 64 &* quarter &+ 16 &* row, as: __m128i.self),
            _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
        }
        let (ab, cd) = (_mm_unpacklo_epi32(rows[0], rows[1]), _mm_unpacklo_epi32(rows[2], rows[3]))
        let (ef, gh) = (_mm_unpackhi_epi32(rows[0], rows[1]), _mm_unpackhi_epi32(rows[2], rows[3]))
        planes[0][quarter] = _mm_unpacklo_epi64(ab, cd)
        planes[1][quarter] = _mm_unpackhi_epi64(ab, cd)
        planes[2][quarter] = _mm_unpacklo_epi64(ef, gh)
        planes[3][quarter] = _mm_unpackhi_epi64(ef, gh)
      }
    }
    self.planes = planes
  }

  /// The low halves of the words at 32 indices, as packing puts them: those of the first 16 and of the last.
  @inline(__always)
  func intercepts(_ indices: __m256i) -> (__m256i, __m256i) { halves(0, indices) }

  /// The high halves.
  @inline(__always)
  func slopes(_ indices: __m256i) -> (__m256i, __m256i) { halves(2, indices) }

  @inline(__always)
  private func halves(_ plane: Int, _ indices: __m256i) -> (__m256i, __m256i) {
    let (low, high) = (bytes(plane, indices), bytes(plane &+ 1, indices))
    return (_mm256_unpacklo_epi8(low, high), _mm256_unpackhi_epi8(low, high))
  }

  /// A shuffle gives 0 where the highest bit of an index is set, as saturation sets it outside of a quarter.
  @inline(__always)
  private func bytes(_ plane: Int, _ indices: __m256i) -> __m256i {
    @inline(__always)
    func bytes(_ quarter: Int) -> __m256i {
      let first = _mm256_set1_epi8(Int8(truncatingIfNeeded: 16 &* quarter))
      let index = _mm256_adds_epu8(_mm256_sub_epi8(indices, first), _mm256_set1_epi8(0x70))
      return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(planes[plane][quarter]), index)
    }
    return _mm256_or_si256(
      _mm256_or_si256(bytes(0), bytes(1)), _mm256_or_si256(bytes(2), bytes(3)))
  }
}
