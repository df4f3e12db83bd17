import CIntrinsics
import ScalarKernels

/// Steps and zero points of 16 channels in one group of 32 inputs, laid out as a line of codes.
struct GroupScales {
  /// The step in every 16-bit word.
  private let steps: __m512i
  /// `step · zero` in every byte.
  private let offsets: __m512i

  /// From 16 of them, `(zero << 4) | (step − 1)`: each is copied to the four bytes of its channel.
  @inline(__always)
  init(_ groupScales: UnsafePointer<UInt8>) {
    let packed = _mm512_castsi128_si512(UnsafeRawPointer(groupScales).loadUnaligned(as: __m128i.self))
    let bytes = _mm512_permutexvar_epi8(fourTimesEach, packed)
    steps = _mm512_add_epi16(_mm512_and_si512(bytes, _mm512_set1_epi16(15)), _mm512_set1_epi16(1))
    offsets = _mm512_mullo_epi16(highNibbles(bytes), steps)
  }

  /// `step · code − step · zero` in bytes. Codes are multiplied two a word: neither product exceeds 240, so the
  /// low one does not carry into the high one.
  @inline(__always)
  func weights(_ codes: __m512i) -> __m512i { _mm512_sub_epi8(_mm512_mullo_epi16(codes, steps), offsets) }
}

/// Byte indices 0, 0, 0, 0, 1, 1, 1, 1 … 15.
@inline(__always)
private var fourTimesEach: __m512i {
  _mm512_mullo_epi32(
    _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(0x0101_0101))
}

@inline(__always)
func lowNibbles(_ x: __m512i) -> __m512i { _mm512_and_si512(x, _mm512_set1_epi8(15)) }

@inline(__always)
func highNibbles(_ x: __m512i) -> __m512i { lowNibbles(_mm512_srli_epi16(x, 4)) }
