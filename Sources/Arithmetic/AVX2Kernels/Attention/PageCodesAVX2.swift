import CIntrinsics
import LaneBodies
import ScalarKernels

/// A page's codes as bytes: in place for 8 bits, unpacked into scratch for fewer, where a line becomes lines of the 8-bit
/// layout. All rows share the unpacking.
struct PageCodes {
  let keys: UnsafeRawPointer
  let values: UnsafeRawPointer
  /// What V's bytes are too large by: narrow codes stay unsigned here and are corrected in the sum.
  let valueBias: Int32

  @inline(__always)
  init(_ format: PageFormat, _ page: UnsafeRawPointer, scratch: UnsafeMutableRawPointer) {
    let packedKeys = page + format.keyCodes
    let packedValues = page + format.valueCodes
    let bytes = PageFormat.tokens * format.channels
    if format.keyBits == 4 {
      unpackNibbles(packedKeys, lines: bytes / 128, apart: 1, to: scratch)
    } else if format.keyBits < 8 {
      unpackKeys(format, page, to: scratch)
    }
    if format.valueBits == 4 {
      unpackNibbles(packedValues, lines: bytes / 128, apart: format.channels / 16, to: scratch + bytes)
    } else if format.valueBits < 8 {
      unpackValues(format, page, to: scratch + bytes)
    }
    keys = format.keyBits < 8 ? UnsafeRawPointer(scratch) : packedKeys
    values = format.valueBits < 8 ? UnsafeRawPointer(scratch + bytes) : packedValues
    valueBias = Int32(truncatingIfNeeded: format.valueBias)
  }
}

/// Writes the two halves of each line `apart` lines from each other: the next four channels of K are in the
/// next line, the next four tokens of V after all channels of the first four.
@inline(__always)
private func unpackNibbles(
  _ packed: UnsafeRawPointer, lines: Int, apart: Int, to target: UnsafeMutableRawPointer
) {
  let low = _mm256_set1_epi8(0x0f)
  for first in stride(from: 0, to: lines, by: apart) {
    for line in first..<first + apart {
      for half in 0..<2 {
        let codes = _mm256_loadu_si256((packed + 64 * line).assumingMemoryBound(to: __m256i.self) + half)
        let lowHalf = (target + 64 * (first + line)).assumingMemoryBound(to: __m256i.self) + half
        _mm256_storeu_si256(lowHalf, _mm256_and_si256(codes, low))
        _mm256_storeu_si256(lowHalf + 2 * apart, _mm256_and_si256(_mm256_srli_epi16(codes, 4), low))
      }
    }
  }
}

/// Sixteen lanes' dot products of four bytes with one word of four, as `vpdpbusd` gives them.
///
/// `vpmaddubsw` saturates at 2¹⁵, so it serves only where one side has 5 bits or fewer: 31 · 127 · 2 and 255 · 31 · 2
/// fit. Eight bits on both sides are widened to 16, even and odd bytes apart, and `vpmaddwd` is exact.
extension Integers {
  /// Adds K's unsigned bytes times four signed codes of a query.
  @inline(__always)
  mutating func add(keys line: UnsafeRawPointer, query: __m256i, narrow: Bool) {
    let keys = line.assumingMemoryBound(to: __m256i.self)
    let (a, b) = (_mm256_loadu_si256(keys), _mm256_loadu_si256(keys + 1))
    if narrow {
      low = _mm256_add_epi32(low, sumPairs(_mm256_maddubs_epi16(a, query)))
      high = _mm256_add_epi32(high, sumPairs(_mm256_maddubs_epi16(b, query)))
    } else {
      low = _mm256_add_epi32(low, wideDot(unsigned: a, signed: query))
      high = _mm256_add_epi32(high, wideDot(unsigned: b, signed: query))
    }
  }

  /// Adds four tokens' unsigned weights times V's signed bytes.
  @inline(__always)
  mutating func add(weights: __m256i, values line: UnsafeRawPointer, narrow: Bool) {
    let values = line.assumingMemoryBound(to: __m256i.self)
    let (a, b) = (_mm256_loadu_si256(values), _mm256_loadu_si256(values + 1))
    if narrow {
      low = _mm256_add_epi32(low, sumPairs(_mm256_maddubs_epi16(weights, a)))
      high = _mm256_add_epi32(high, sumPairs(_mm256_maddubs_epi16(weights, b)))
    } else {
      low = _mm256_add_epi32(low, wideDot(unsigned: weights, signed: a))
      high = _mm256_add_epi32(high, wideDot(unsigned: weights, signed: b))
    }
  }
}

@inline(__always)
private func sumPairs(_ words: __m256i) -> __m256i { _mm256_madd_epi16(words, _mm256_set1_epi16(1)) }

@inline(__always)
private func wideDot(unsigned: __m256i, signed: __m256i) -> __m256i {
  let evenUnsigned = _mm256_and_si256(unsigned, _mm256_set1_epi16(0xff))
  let evenSigned = _mm256_srai_epi16(_mm256_slli_epi16(signed, 8), 8)
  let even = _mm256_madd_epi16(evenUnsigned, evenSigned)
  let odd = _mm256_madd_epi16(_mm256_srli_epi16(unsigned, 8), _mm256_srai_epi16(signed, 8))
  return _mm256_add_epi32(even, odd)
}

/// The word at index `i` in every lane.
@inline(__always)
func broadcastWord(_ p: UnsafeRawPointer, _ i: Int) -> __m256i {
  _mm256_set1_epi32(p.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
}
