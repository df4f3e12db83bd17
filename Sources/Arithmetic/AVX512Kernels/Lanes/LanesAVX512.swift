import CIntrinsics
import LaneBodies

/// Sixteen floats in one register.
struct Lanes: FloatLanes {
  let register: __m512

  @inline(__always)
  init(_ register: __m512) { self.register = register }

  @inline(__always)
  init(repeating value: Float) { register = _mm512_set1_ps(value) }

  @inline(__always)
  init(_ p: UnsafePointer<Float>, remaining: Int) {
    register = _mm512_maskz_loadu_ps(laneMask(remaining), p)
  }

  @inline(__always)
  init(half p: UnsafePointer<Float16>) {
    register = _mm512_cvtph_ps(_mm256_loadu_si256(UnsafeRawPointer(p).assumingMemoryBound(to: __m256i.self)))
  }

  @inline(__always)
  init(_ integers: Integers) { register = _mm512_cvtepi32_ps(integers.register) }

  @inline(__always)
  init(bits: Integers) { register = _mm512_castsi512_ps(bits.register) }

  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>, remaining: Int) {
    _mm512_mask_storeu_ps(p, laneMask(remaining), register)
  }

  /// The compiler makes this one `vcvtps2ph`, whose own intrinsic is a macro.
  @inline(__always)
  func store(half p: UnsafeMutablePointer<Float16>) {
    for i in 0..<16 { p[i] = Float16(register[i]) }
  }

  @inline(__always)
  mutating func merge(_ new: Lanes, remaining: Int) {
    self = Lanes(_mm512_mask_mov_ps(register, laneMask(remaining), new.register))
  }

  @inline(__always)
  static func + (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm512_add_ps(a.register, b.register)) }

  @inline(__always)
  static func - (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm512_sub_ps(a.register, b.register)) }

  @inline(__always)
  static func * (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm512_mul_ps(a.register, b.register)) }

  @inline(__always)
  static func / (a: Lanes, b: Lanes) -> Lanes { Lanes(_mm512_div_ps(a.register, b.register)) }

  @inline(__always)
  static func fused(_ a: Lanes, _ b: Lanes, plus c: Lanes) -> Lanes {
    Lanes(_mm512_fmadd_ps(a.register, b.register, c.register))
  }

  @inline(__always)
  static func fused(_ a: Lanes, _ b: Lanes, minus c: Lanes) -> Lanes {
    Lanes(_mm512_fmsub_ps(a.register, b.register, c.register))
  }

  @inline(__always)
  static func greater(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes(_mm512_max_ps(a.register, b.register)) }

  @inline(__always)
  static func lesser(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes(_mm512_min_ps(a.register, b.register)) }

  @inline(__always)
  static func equalBits(_ a: Lanes, _ b: Lanes) -> UInt16 {
    let difference = _mm512_xor_si512(a.bits.register, b.bits.register)
    return _mm512_testn_epi32_mask(difference, difference)
  }

  @inline(__always)
  static func entries(of table: SIMD16<Float>, at indices: Integers) -> Lanes {
    Lanes(_mm512_permutexvar_ps(indices.register, table))
  }

  @inline(__always)
  var magnitude: Lanes { Lanes(_mm512_abs_ps(register)) }

  @inline(__always)
  var reciprocalOrZero: Lanes {
    let notZero = _mm512_test_epi32_mask(bits.register, _mm512_set1_epi32(.max))
    return Lanes(_mm512_maskz_div_ps(notZero, _mm512_set1_ps(1), register))
  }

  @inline(__always)
  var rounded: Integers { Integers(_mm512_cvtps_epi32(register)) }

  @inline(__always)
  var bits: Integers { Integers(_mm512_castps_si512(register)) }

  @inline(__always)
  var first: Float { register[0] }

  @inline(__always)
  var total: Float { laneTotal(register) }

  @inline(__always)
  var maximum: Float { laneMaximum(register) }
}
