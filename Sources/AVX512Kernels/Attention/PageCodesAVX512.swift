import CIntrinsics
import ScalarKernels

/// Four registers of integers: the 64 tokens of a page, or 64 channels.
struct Quad {
  var a: __m512i
  var b: __m512i
  var c: __m512i
  var d: __m512i

  @inline(__always)
  init(repeating value: Int32 = 0) {
    a = _mm512_set1_epi32(value)
    (b, c, d) = (a, a, a)
  }

  /// Four registers `step` bytes apart.
  @inline(__always)
  init(_ p: UnsafeRawPointer, step: Int) {
    a = _mm512_loadu_si512(p)
    b = _mm512_loadu_si512(p + step)
    c = _mm512_loadu_si512(p + 2 * step)
    d = _mm512_loadu_si512(p + 3 * step)
  }

  /// Writes the registers one after the other.
  @inline(__always)
  func store(_ p: UnsafeMutableRawPointer) {
    _mm512_storeu_si512(p, a)
    _mm512_storeu_si512(p + 64, b)
    _mm512_storeu_si512(p + 128, c)
    _mm512_storeu_si512(p + 192, d)
  }

  /// The largest integer of each lane.
  @inline(__always)
  var largest: __m512i { _mm512_max_epi32(_mm512_max_epi32(a, b), _mm512_max_epi32(c, d)) }

  /// Adds the products of K's unsigned codes, four channels of 64 tokens, with four codes of one query.
  @inline(__always)
  mutating func add(keys: Quad, query: __m512i) {
    a = _mm512_dpbusd_epi32(a, keys.a, query)
    b = _mm512_dpbusd_epi32(b, keys.b, query)
    c = _mm512_dpbusd_epi32(c, keys.c, query)
    d = _mm512_dpbusd_epi32(d, keys.d, query)
  }

  /// Adds the products of four tokens' weights with their V codes in 64 channels.
  @inline(__always)
  mutating func add(weights: __m512i, values: Quad) {
    a = _mm512_dpbusd_epi32(a, weights, values.a)
    b = _mm512_dpbusd_epi32(b, weights, values.b)
    c = _mm512_dpbusd_epi32(c, weights, values.c)
    d = _mm512_dpbusd_epi32(d, weights, values.d)
  }
}

/// The word at index `i` in every lane: four bytes for `vpdpbusd`.
@inline(__always)
func broadcastWord(_ p: UnsafeRawPointer, _ i: Int) -> __m512i {
  _mm512_set1_epi32(p.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
}

/// A page's codes as bytes: in place for 8 bits, unpacked into scratch for 4, where one 4-bit line becomes
/// two lines of the 8-bit layout. All rows share the unpacking.
struct PageCodes {
  let keys: UnsafeRawPointer
  let values: UnsafeRawPointer
  /// What V's bytes are too large by: 8 for nibbles, which stay unsigned here and are corrected in the sum.
  let valueBias: Int32

  @inline(__always)
  init(_ format: PageFormat, _ page: UnsafeRawPointer, scratch: UnsafeMutableRawPointer) {
    let packedKeys = page + format.keyCodes
    let packedValues = page + format.valueCodes
    let bytes = PageFormat.tokens * format.channels
    if format.keyBits == 4 { unpackNibbles(packedKeys, lines: bytes / 128, apart: 1, to: scratch) }
    if format.valueBits == 4 {
      unpackNibbles(packedValues, lines: bytes / 128, apart: format.channels / 16, to: scratch + bytes)
    }
    keys = format.keyBits == 4 ? UnsafeRawPointer(scratch) : packedKeys
    values = format.valueBits == 4 ? UnsafeRawPointer(scratch + bytes) : packedValues
    valueBias = format.valueBits == 4 ? 8 : 0
  }
}

/// Writes the two halves of each line `apart` lines from each other: the next four channels of K are in the
/// next line, the next four tokens of V after all channels of the first four.
@inline(__always)
private func unpackNibbles(
  _ packed: UnsafeRawPointer, lines: Int, apart: Int, to target: UnsafeMutableRawPointer
) {
  let low = _mm512_set1_epi8(0x0f)
  for first in stride(from: 0, to: lines, by: apart) {
    for line in first..<first + apart {
      let codes = _mm512_loadu_si512(packed + 64 * line)
      let lowHalf = target + 64 * (first + line)
      _mm512_storeu_si512(lowHalf, _mm512_and_si512(codes, low))
      _mm512_storeu_si512(lowHalf + 64 * apart, _mm512_and_si512(_mm512_srli_epi16(codes, 4), low))
    }
  }
}
