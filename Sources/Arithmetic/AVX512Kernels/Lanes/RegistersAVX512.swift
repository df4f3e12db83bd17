import CIntrinsics
import LaneBodies

/// The mask of the lanes that exist where `remaining` values of a row are left: all sixteen from 16 on.
@inline(__always)
func laneMask(_ remaining: Int) -> __mmask16 {
  remaining >= 16 ? 0xffff : __mmask16(truncatingIfNeeded: (1 << remaining) &- 1)
}

/// The halving tree of `LaneSum`: one register holds the sixteen lanes.
@inline(__always)
func laneTotal(_ lanes: __m512) -> Float {
  let eight = _mm256_add_ps(_mm512_castps512_ps256(lanes), lanes.highHalf)
  let four = _mm_add_ps(_mm256_castps256_ps128(eight), eight.highHalf)
  let two = _mm_add_ps(four, _mm_movehl_ps(four, four))
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

/// The greatest lane; −inf stands for lanes that hold nothing.
@inline(__always)
func laneMaximum(_ lanes: __m512) -> Float {
  let eight = _mm256_max_ps(_mm512_castps512_ps256(lanes), lanes.highHalf)
  let four = _mm_max_ps(_mm256_castps256_ps128(eight), eight.highHalf)
  let two = _mm_max_ps(four, _mm_movehl_ps(four, four))
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
}

/// `approximateExp2` of the sixteen floats in a register.
@inline(__always)
func approximateExp2AVX512(_ x: __m512) -> __m512 { Lanes.approximateExp2(Lanes(x)).register }

/// Sixteen float16 values as floats.
@inline(__always)
func loadHalf(_ p: UnsafePointer<Float16>) -> __m512 { Lanes(half: p).register }
