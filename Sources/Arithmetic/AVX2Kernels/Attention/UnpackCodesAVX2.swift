import CIntrinsics
import ScalarKernels

/// Unpacks K's codes of 2, 3 and 5 bits into lines of 16 tokens and four channels.
@inline(never)
func unpackKeys(_ format: PageFormat, _ page: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
  let steps = format.channels / 4
  let unpack = FieldUnpacking(bits: format.keyLineBits, hasPlane: format.hasKeyPlane, lineBytes: 64)
  for block in 0..<4 {
    unpack(
      page + format.keyCodes + 64 * block * steps * format.keyLineBits / 8,
      plane: page + format.keyPlane + 64 * block * ((steps + 7) / 8), steps: steps,
      to: target + 64 * block * steps)
  }
}

/// The same for V: lines of four tokens, all channels of a step side by side.
@inline(never)
func unpackValues(_ format: PageFormat, _ page: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
  let unpack = FieldUnpacking(
    bits: format.valueLineBits, hasPlane: format.hasValuePlane, lineBytes: 4 * format.channels)
  unpack(page + format.valueCodes, plane: page + format.valuePlane, steps: PageFormat.tokens / 4, to: target)
}

/// How bit fields lie in lines: step s has field `s mod fields` of the bytes of line `s / fields`, and bit `s mod 8` of
/// those of the plane's line `s / 8`.
private struct FieldUnpacking {
  let bits: Int
  let hasPlane: Bool
  let lineBytes: Int

  @inline(__always)
  func callAsFunction(
    _ packed: UnsafeRawPointer, plane: UnsafeRawPointer, steps: Int, to target: UnsafeMutableRawPointer
  ) {
    let fields = 8 / bits
    let mask = _mm256_set1_epi8(1 << Int8(bits) &- 1)
    let high = _mm256_set1_epi8(1 << Int8(bits))
    for step in 0..<steps {
      let shift = _mm_cvtsi32_si128(Int32(bits * (step % fields)))
      let bit = _mm256_set1_epi8(Int8(bitPattern: 1 << UInt8(step % 8)))
      for byte in stride(from: 0, to: lineBytes, by: 32) {
        let line = (packed + step / fields * lineBytes + byte).loadUnaligned(as: __m256i.self)
        var codes = _mm256_and_si256(_mm256_srl_epi16(line, shift), mask)
        if hasPlane {
          let bits = (plane + step / 8 * lineBytes + byte).loadUnaligned(as: __m256i.self)
          let isSet = _mm256_cmpeq_epi8(_mm256_and_si256(bits, bit), bit)
          codes = _mm256_or_si256(codes, _mm256_and_si256(isSet, high))
        }
        (target + step * lineBytes + byte).storeBytes(of: codes, as: __m256i.self)
      }
    }
  }
}
