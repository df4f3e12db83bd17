import CIntrinsics

/// Sixteen lanes in two registers: lanes 0…7 and 8…15.
struct LanePair {
  var low, high: __m256

  @inline(__always)
  init(_ low: __m256, _ high: __m256) {
    self.low = low
    self.high = high
  }

  /// Zeros.
  @inline(__always)
  init() { self.init(_mm256_setzero_ps(), _mm256_setzero_ps()) }

  /// The first `remaining` of sixteen values at `p`, 0 in the other lanes; reads no byte beyond them.
  @inline(__always)
  init(_ p: UnsafePointer<Float>, remaining: Int) {
    if remaining >= 16 {
      self.init(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8))
    } else {
      let (low, high) = Self.mask(remaining)
      self.init(_mm256_maskload_ps(p, low), _mm256_maskload_ps(p + 8, high))
    }
  }

  /// Adds `a · b` with one rounding to the first `remaining` lanes; the others stay as they are, −0 included.
  @inline(__always)
  mutating func add(_ a: LanePair, times b: LanePair, remaining: Int) {
    let sum = LanePair(_mm256_fmadd_ps(a.low, b.low, low), _mm256_fmadd_ps(a.high, b.high, high))
    if remaining >= 16 {
      self = sum
    } else {
      let mask = Self.mask(remaining)
      low = _mm256_blendv_ps(low, sum.low, _mm256_castsi256_ps(mask.low))
      high = _mm256_blendv_ps(high, sum.high, _mm256_castsi256_ps(mask.high))
    }
  }

  /// The halving tree of `LaneSum`.
  @inline(__always)
  var total: Float {
    let eight = _mm256_add_ps(low, high)
    let four = _mm_add_ps(_mm256_castps256_ps128(eight), eight.highHalf)
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four))
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
  }

  /// All ones in the first `count` of sixteen lanes.
  @inline(__always)
  private static func mask(_ count: Int) -> (low: __m256i, high: __m256i) {
    let bound = _mm256_set1_epi32(Int32(truncatingIfNeeded: count))
    return (
      _mm256_cmpgt_epi32(bound, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
      _mm256_cmpgt_epi32(bound, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))
    )
  }
}
