import CIntrinsics

/// `floatLinear` in tiles of 4 rows × 4 outputs: 16 sums in registers, 8 loads for 16 multiply-adds.
///
/// The four weight rows of a tile stay in the first-level cache while every row of `x` passes. Tiles that
/// stick out at the bottom or right compute their last row or output again and do not write it.
@inline(never)
package func floatLinearAVX512(
  _ x: UnsafePointer<Float>, rows: Int, w: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  _ y: UnsafeMutablePointer<Float>, yStride: Int, n: Int, k: Int
) {
  for o in stride(from: 0, to: n, by: 4) {
    let outputs = __mmask8(truncatingIfNeeded: laneMask(min(n - o, 4)))
    let weights = FourRows(w + o * k, rows: n - o, stride: k)
    // −0 adds nothing to any sum, not even to −0.
    let shift = bias.map { _mm_maskz_loadu_ps(outputs, $0 + o) } ?? _mm_set1_ps(-0.0)
    for m in stride(from: 0, to: rows, by: 4) {
      var tile = FloatTile()
      tile.accumulate(FourRows(x + m * k, rows: rows - m, stride: k), weights, k: k)
      tile.write(y + m * yStride + o, stride: yStride, rows: rows - m, outputs, shift)
    }
  }
}

/// Four consecutive rows; the last existing row stands for those that do not exist.
private struct FourRows {
  let a, b, c, d: UnsafePointer<Float>

  @inline(__always)
  init(_ base: UnsafePointer<Float>, rows: Int, stride: Int) {
    a = base
    b = base + min(1, rows - 1) * stride
    c = base + min(2, rows - 1) * stride
    d = base + min(3, rows - 1) * stride
  }
}

/// The sums of one row of `x` with four weight rows.
private struct FourSums {
  var a = _mm512_setzero_ps(), b = _mm512_setzero_ps(), c = _mm512_setzero_ps(), d = _mm512_setzero_ps()

  @inline(__always)
  mutating func add(_ x: __m512, _ w: (__m512, __m512, __m512, __m512), _ mask: __mmask16) {
    a = _mm512_mask3_fmadd_ps(x, w.0, a, mask)
    b = _mm512_mask3_fmadd_ps(x, w.1, b, mask)
    c = _mm512_mask3_fmadd_ps(x, w.2, c, mask)
    d = _mm512_mask3_fmadd_ps(x, w.3, d, mask)
  }

  /// Four halving trees at once: the last two levels run on a transposed 4 × 4 block.
  @inline(__always)
  var totals: __m128 {
    let (p, q, r, s) = (halved(a), halved(b), halved(c), halved(d))
    let left = _mm_add_ps(_mm_unpacklo_ps(p, q), _mm_unpackhi_ps(p, q))
    let right = _mm_add_ps(_mm_unpacklo_ps(r, s), _mm_unpackhi_ps(r, s))
    return _mm_add_ps(_mm_movelh_ps(left, right), _mm_movehl_ps(right, left))
  }
}

/// The first two levels of the halving tree.
@inline(__always)
private func halved(_ lanes: __m512) -> __m128 {
  let eight = _mm256_add_ps(_mm512_castps512_ps256(lanes), lanes.highHalf)
  return _mm_add_ps(_mm256_castps256_ps128(eight), eight.highHalf)
}

/// The sums of four rows of `x` with four weight rows.
private struct FloatTile {
  var a = FourSums(), b = FourSums(), c = FourSums(), d = FourSums()

  @inline(__always)
  mutating func accumulate(_ x: FourRows, _ w: FourRows, k: Int) {
    let whole = k & ~15
    for i in stride(from: 0, to: whole, by: 16) { step(x, w, at: i, 0xffff) }
    if whole < k { step(x, w, at: whole, laneMask(k - whole)) }
  }

  @inline(__always)
  func write(
    _ y: UnsafeMutablePointer<Float>, stride: Int, rows: Int, _ outputs: __mmask8, _ shift: __m128
  ) {
    _mm_mask_storeu_ps(y, outputs, _mm_add_ps(a.totals, shift))
    if rows > 1 { _mm_mask_storeu_ps(y + stride, outputs, _mm_add_ps(b.totals, shift)) }
    if rows > 2 { _mm_mask_storeu_ps(y + 2 * stride, outputs, _mm_add_ps(c.totals, shift)) }
    if rows > 3 { _mm_mask_storeu_ps(y + 3 * stride, outputs, _mm_add_ps(d.totals, shift)) }
  }

  @inline(__always)
  private mutating func step(_ x: FourRows, _ w: FourRows, at i: Int, _ mask: __mmask16) {
    let columns = (
      _mm512_maskz_loadu_ps(mask, w.a + i), _mm512_maskz_loadu_ps(mask, w.b + i),
      _mm512_maskz_loadu_ps(mask, w.c + i), _mm512_maskz_loadu_ps(mask, w.d + i)
    )
    a.add(_mm512_maskz_loadu_ps(mask, x.a + i), columns, mask)
    b.add(_mm512_maskz_loadu_ps(mask, x.b + i), columns, mask)
    c.add(_mm512_maskz_loadu_ps(mask, x.c + i), columns, mask)
    d.add(_mm512_maskz_loadu_ps(mask, x.d + i), columns, mask)
  }
}

/// The mask of the lanes that exist where `remaining` values of a row are left: all sixteen from 16 on.
@inline(__always)
private func laneMask(_ remaining: Int) -> __mmask16 {
  remaining >= 16 ? 0xffff : __mmask16(truncatingIfNeeded: (1 << remaining) &- 1)
}
