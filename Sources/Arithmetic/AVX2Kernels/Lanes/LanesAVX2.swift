import CIntrinsics
import LaneBodies

/// Sixteen floats in two registers: lanes 0…7 and 8…15.
struct Lanes: FloatLanes {
  var low: __m256
  var high: __m256

  @inline(__always)
  init(_ low: __m256, _ high: __m256) {
    self.low = low
    self.high = high
  }

  @inline(__always)
  init(repeating value: Float) { self.init(_mm256_set1_ps(value), _mm256_set1_ps(value)) }

  @inline(__always)
  init(_ p: UnsafePointer<Float>, remaining: Int) {
    if remaining >= 16 {
      self.init(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8))
    } else {
      let mask = LaneMask(remaining)
      self.init(_mm256_maskload_ps(p, mask.low), _mm256_maskload_ps(p + 8, mask.high))
    }
  }

  @inline(__always)
  init(half p: UnsafePointer<Float16>) {
    let halves = UnsafeRawPointer(p).assumingMemoryBound(to: __m128i.self)
    self.init(_mm256_cvtph_ps(_mm_loadu_si128(halves)), _mm256_cvtph_ps(_mm_loadu_si128(halves + 1)))
  }

  @inline(__always)
  init(_ integers: Integers) {
    self.init(_mm256_cvtepi32_ps(integers.low), _mm256_cvtepi32_ps(integers.high))
  }

  @inline(__always)
  init(bits: Integers) { self.init(_mm256_castsi256_ps(bits.low), _mm256_castsi256_ps(bits.high)) }

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

  /// The compiler makes this `vcvtps2ph`, whose own intrinsic is a macro.
  @inline(__always)
  func store(half p: UnsafeMutablePointer<Float16>) {
    for i in 0..<8 { p[i] = Float16(low[i]) }
    for i in 0..<8 { p[8 + i] = Float16(high[i]) }
  }

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
}

/// Arithmetic, lane by lane.
extension Lanes {
  @inline(__always)
  static func + (a: Lanes, b: Lanes) -> Lanes {
    Lanes(_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high))
  }

  @inline(__always)
  static func - (a: Lanes, b: Lanes) -> Lanes {
    Lanes(_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high))
  }

  @inline(__always)
  static func * (a: Lanes, b: Lanes) -> Lanes {
    Lanes(_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high))
  }

  @inline(__always)
  static func / (a: Lanes, b: Lanes) -> Lanes {
    Lanes(_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high))
  }

  @inline(__always)
  static func fused(_ a: Lanes, _ b: Lanes, plus c: Lanes) -> Lanes {
    Lanes(_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high))
  }

  @inline(__always)
  static func fused(_ a: Lanes, _ b: Lanes, minus c: Lanes) -> Lanes {
    Lanes(_mm256_fmsub_ps(a.low, b.low, c.low), _mm256_fmsub_ps(a.high, b.high, c.high))
  }

  @inline(__always)
  static func greater(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high))
  }

  @inline(__always)
  static func lesser(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high))
  }

  @inline(__always)
  static func equalBits(_ a: Lanes, _ b: Lanes) -> UInt16 {
    let low = _mm256_cmpeq_epi32(a.bits.low, b.bits.low)
    let high = _mm256_cmpeq_epi32(a.bits.high, b.bits.high)
    let bits =
      _mm256_movemask_ps(_mm256_castsi256_ps(low)) | _mm256_movemask_ps(_mm256_castsi256_ps(high)) << 8
    return UInt16(truncatingIfNeeded: bits)
  }

  /// A permutation reads three bits of an index; the fourth, as a sign, chooses between the halves of the table.
  @inline(__always)
  static func entries(of table: SIMD16<Float>, at indices: Integers) -> Lanes {
    @inline(__always)
    func entries(_ index: __m256i) -> __m256 {
      _mm256_blendv_ps(
        _mm256_permutevar8x32_ps(table.lowHalf, index), _mm256_permutevar8x32_ps(table.highHalf, index),
        _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)))
    }
    return Lanes(entries(indices.low), entries(indices.high))
  }

  @inline(__always)
  var magnitude: Lanes {
    let sign = _mm256_set1_ps(-0.0)
    return Lanes(_mm256_andnot_ps(sign, low), _mm256_andnot_ps(sign, high))
  }

  @inline(__always)
  var reciprocalOrZero: Lanes {
    @inline(__always)
    func zeroWhereZero(_ quotient: __m256, _ x: __m256) -> __m256 {
      let magnitude = _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(.max))
      let isZero = _mm256_cmpeq_epi32(magnitude, _mm256_setzero_si256())
      return _mm256_andnot_ps(_mm256_castsi256_ps(isZero), quotient)
    }
    let quotient = Lanes(repeating: 1) / self
    return Lanes(zeroWhereZero(quotient.low, low), zeroWhereZero(quotient.high, high))
  }

  @inline(__always)
  var rounded: Integers { Integers(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high)) }

  @inline(__always)
  var bits: Integers { Integers(_mm256_castps_si256(low), _mm256_castps_si256(high)) }

  @inline(__always)
  var first: Float { low[0] }

  @inline(__always)
  var total: Float {
    let eight = _mm256_add_ps(low, high)
    let four = _mm_add_ps(_mm256_castps256_ps128(eight), eight.highHalf)
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four))
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
  }

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
