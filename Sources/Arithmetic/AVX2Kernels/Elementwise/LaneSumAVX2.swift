import CIntrinsics

/// The sixteen lanes of a lane sum in two registers: lanes 0…7 and 8…15.
struct Lanes {
  var low: __m256
  var high: __m256

  @inline(__always)
  init(_ low: __m256, _ high: __m256) {
    self.low = low
    self.high = high
  }

  @inline(__always)
  init(repeating value: Float) { self.init(_mm256_set1_ps(value), _mm256_set1_ps(value)) }

  /// The first `remaining` of sixteen values at `p`, 0 in the other lanes; reads no byte beyond them.
  @inline(__always)
  init(_ p: UnsafePointer<Float>, remaining: Int) {
    if remaining >= 16 {
      self.init(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8))
    } else {
      let mask = LaneMask(remaining)
      self.init(_mm256_maskload_ps(p, mask.low), _mm256_maskload_ps(p + 8, mask.high))
    }
  }

  /// Writes the first `remaining` of sixteen lanes to `p`, and no byte beyond them.
  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>, remaining: Int) {
    if remaining >= 16 {
      _mm256_storeu_ps(p, low)
      _mm256_storeu_ps(p + 8, high)
    } else {
      let mask = LaneMask(remaining)
      _mm256_maskstore_ps(p, mask.low, low)
      _mm256_maskstore_ps(p + 8, mask.high, high)
    }
  }

  /// Takes the first `remaining` lanes of `new` and keeps the others: what a tail adds nothing to stays as it
  /// is, −0 included.
  @inline(__always)
  mutating func merge(_ new: Lanes, remaining: Int) {
    if remaining >= 16 {
      self = new
    } else {
      let mask = LaneMask(remaining)
      low = _mm256_blendv_ps(low, new.low, _mm256_castsi256_ps(mask.low))
      high = _mm256_blendv_ps(high, new.high, _mm256_castsi256_ps(mask.high))
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

  /// The greatest lane; −inf stands for lanes that hold nothing.
  @inline(__always)
  var maximum: Float {
    let eight = _mm256_max_ps(low, high)
    let four = _mm_max_ps(_mm256_castps256_ps128(eight), eight.highHalf)
    let two = _mm_max_ps(four, _mm_movehl_ps(four, four))
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
  }
}

/// All ones in the first `count` of sixteen lanes.
struct LaneMask {
  let low: __m256i
  let high: __m256i

  @inline(__always)
  init(_ count: Int) {
    let bound = _mm256_set1_epi32(Int32(truncatingIfNeeded: count))
    low = _mm256_cmpgt_epi32(bound, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
    high = _mm256_cmpgt_epi32(bound, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))
  }
}

@inline(__always)
func + (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)) }

@inline(__always)
func - (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)) }

@inline(__always)
func * (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)) }

@inline(__always)
func / (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)) }

/// `a · b + c` with one rounding.
@inline(__always)
func fused(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
  Lanes(_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high))
}

/// `a > b ? a : b` lane by lane: `b` where either is NaN.
@inline(__always)
func greater(_ a: Lanes, _ b: Lanes) -> Lanes {
  Lanes(_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high))
}

/// The lane sum of `a[i] · b[i]`.
@inline(__always)
func laneDotAVX2(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var lanes = Lanes(repeating: 0)
  for i in stride(from: 0, to: count, by: 16) {
    let product = fused(Lanes(a + i, remaining: count - i), Lanes(b + i, remaining: count - i), lanes)
    lanes.merge(product, remaining: count - i)
  }
  return lanes.total
}
