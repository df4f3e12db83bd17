import CIntrinsics

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

/// The lane sum of `a[i] · b[i]`.
///
/// The tail merges under its mask instead of adding 0 · 0: a lane whose products underflowed to −0 must stay
/// −0.
@inline(__always)
func laneDotAVX512(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var lanes = _mm512_setzero_ps()
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    lanes = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), lanes)
  }
  if whole < count {
    let mask = laneMask(count - whole)
    let x = _mm512_maskz_loadu_ps(mask, a + whole)
    lanes = _mm512_mask3_fmadd_ps(x, _mm512_maskz_loadu_ps(mask, b + whole), lanes, mask)
  }
  return laneTotal(lanes)
}

/// The greatest lane; −inf stands for lanes that hold nothing.
@inline(__always)
func laneMaximum(_ lanes: __m512) -> Float {
  let eight = _mm256_max_ps(_mm512_castps512_ps256(lanes), lanes.highHalf)
  let four = _mm_max_ps(_mm256_castps256_ps128(eight), eight.highHalf)
  let two = _mm_max_ps(four, _mm_movehl_ps(four, four))
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
}
