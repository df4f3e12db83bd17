import CIntrinsics
import LaneBodies
import ScalarKernels

/// Sixteen integers in one register.
struct Integers: IntegerLanes {
  let register: __m512i

  @inline(__always)
  init(_ register: __m512i) { self.register = register }

  @inline(__always)
  init(repeating value: Int32) { register = _mm512_set1_epi32(value) }

  @inline(__always)
  func store(_ p: UnsafeMutableRawPointer) { _mm512_storeu_si512(p, register) }

  @inline(__always)
  static func &+ (a: Integers, b: Integers) -> Integers {
    Integers(_mm512_add_epi32(a.register, b.register))
  }

  @inline(__always)
  static func &- (a: Integers, b: Integers) -> Integers {
    Integers(_mm512_sub_epi32(a.register, b.register))
  }

  @inline(__always)
  static func & (a: Integers, b: Integers) -> Integers {
    Integers(_mm512_and_si512(a.register, b.register))
  }

  @inline(__always)
  static func | (a: Integers, b: Integers) -> Integers {
    Integers(_mm512_or_si512(a.register, b.register))
  }

  @inline(__always)
  static func &<< (a: Integers, bits: Int32) -> Integers {
    Integers(_mm512_sll_epi32(a.register, _mm_cvtsi32_si128(bits)))
  }

  @inline(__always)
  static func &>> (a: Integers, bits: Int32) -> Integers {
    Integers(_mm512_srl_epi32(a.register, _mm_cvtsi32_si128(bits)))
  }

  @inline(__always)
  var words: SIMD4<UInt32> { unsafeBitCast(_mm512_cvtepi32_epi8(register), to: SIMD4<UInt32>.self) }

  @inline(__always)
  static func store(signed a: Integers, _ b: Integers, at i: Int, of codes: RowCodes) {
    let (x, y) = (_mm512_cvtepi32_epi8(a.register), _mm512_cvtepi32_epi8(b.register))
    let flip = _mm_set1_epi8(-128)
    let unsigned = UnsafeMutableRawPointer(codes.unsigned + i)
    unsigned.storeBytes(of: _mm_xor_si128(x, flip), as: __m128i.self)
    unsigned.storeBytes(of: _mm_xor_si128(y, flip), toByteOffset: 16, as: __m128i.self)
    guard let signed = codes.signed, let groupSums = codes.groupSums else { return }
    UnsafeMutableRawPointer(signed + i).storeBytes(of: x, as: __m128i.self)
    UnsafeMutableRawPointer(signed + i).storeBytes(of: y, toByteOffset: 16, as: __m128i.self)
    groupSums[i &>> 5] = _mm512_reduce_add_epi32((a &+ b).register)
  }

  @inline(__always)
  static func store(
    saturated a: Integers, _ b: Integers, _ c: Integers, _ d: Integers, _ p: UnsafeMutablePointer<UInt8>
  ) {
    _mm512_storeu_si512(p, FourRegisters(a.register, b.register, c.register, d.register).unsignedBytes)
  }
}
