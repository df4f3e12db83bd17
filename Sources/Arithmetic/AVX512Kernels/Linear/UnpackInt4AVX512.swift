import CIntrinsics
import ScalarKernels

/// ``unpackInt4(_:blocks:into:)``, one line of 128 weights a step.
@inline(never)
package func unpackInt4AVX512(_ weights: Int4Blocks, blocks: Int, into output: UnsafeMutablePointer<Int8>) {
  var (codes, groupScales, target) = (weights.codes, weights.groupScales, UnsafeMutableRawPointer(output))
  for _ in 0..<blocks &* weights.groups {
    let scales = GroupScales(groupScales)
    for line in 0..<4 {
      let x = _mm512_loadu_si512(codes + line &* 64)
      let place = target + line &* 128
      place.storeBytes(of: scales.weights(lowNibbles(x)), as: __m512i.self)
      place.storeBytes(of: scales.weights(highNibbles(x)), toByteOffset: 64, as: __m512i.self)
    }
    codes += 256
    groupScales += 16
    target += 512
  }
}
