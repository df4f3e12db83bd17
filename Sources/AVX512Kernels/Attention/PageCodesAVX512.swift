import CIntrinsics
import ScalarKernels

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
