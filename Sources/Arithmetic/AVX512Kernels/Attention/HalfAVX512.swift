import CIntrinsics

/// Sixteen float16 values as floats.
@inline(__always)
func loadHalf(_ p: UnsafePointer<Float16>) -> __m512 {
  _mm512_cvtph_ps(_mm256_loadu_si256(UnsafeRawPointer(p).assumingMemoryBound(to: __m256i.self)))
}

/// Rounds sixteen floats to float16. (The compiler makes this one `vcvtps2ph`, whose own intrinsic is a
/// macro.)
@inline(__always)
func storeHalf(_ x: __m512, _ p: UnsafeMutablePointer<Float16>) {
  for i in 0..<16 { p[i] = Float16(x[i]) }
}

/// `storeHalf` of the definition.
@inline(never)
package func storeHalfAVX512(
  _ source: UnsafePointer<Float>, sourceStride: Int, rows: Int, headSize: Int, channels: Int,
  target: UnsafeMutablePointer<Float16>
) {
  for row in 0..<rows {
    for c in stride(from: 0, to: channels, by: 16) {
      let x = _mm512_maskz_loadu_ps(laneMask(headSize - c), source + row * sourceStride + c)
      storeHalf(x, target + row * channels + c)
    }
  }
}
