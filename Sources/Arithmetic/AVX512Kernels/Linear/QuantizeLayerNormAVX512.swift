import CIntrinsics
import LaneBodies
import ScalarKernels

/// ``quantizeLayerNorm(_:rows:_:_:into:)``: sums of four rows, then codes without a normed row in between.
///
/// A row's sums wait for each other more than they compute, so four rows take turns. The body of LaneBodies takes one
/// row at a time: sixteen registers of half the width do not hold the sums and means of four.
@inline(never)
package func quantizeLayerNormAVX512(
  _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
  into codes: CodeRows
) {
  for first in Swift.stride(from: 0, to: rows, by: 4) {
    let moments = FourMoments(
      x + first &* codes.columns, rows: rows &- first, count: codes.columns, norm.epsilon)
    for row in 0..<min(4, rows &- first) {
      Lanes.encode(
        x + (first &+ row) &* codes.columns, codes.columns, Lanes(repeating: moments.means[row]),
        Lanes(repeating: moments.reciprocals[row]), norm, quantization, into: codes[first &+ row])
    }
  }
}

/// Means and reciprocal standard deviations of up to four rows; rows that do not exist repeat the first.
struct FourMoments {
  let means: SIMD4<Float>
  let reciprocals: SIMD4<Float>

  @inline(__always)
  init(_ x: UnsafePointer<Float>, rows: Int, count: Int, _ epsilon: Float) {
    let x1 = rows > 1 ? x + count : x
    let x2 = rows > 2 ? x + 2 &* count : x
    let x3 = rows > 3 ? x + 3 &* count : x
    var (a, b, c, d) = (LaneMoments(x), LaneMoments(x1), LaneMoments(x2), LaneMoments(x3))
    forEachRegister(of: count) { i, mask in
      a.addValues(i, mask)
      b.addValues(i, mask)
      c.addValues(i, mask)
      d.addValues(i, mask)
    }
    means =
      SIMD4(laneTotal(a.lanes), laneTotal(b.lanes), laneTotal(c.lanes), laneTotal(d.lanes)) / Float(count)
    a.centre(means[0])
    b.centre(means[1])
    c.centre(means[2])
    d.centre(means[3])
    forEachRegister(of: count) { i, mask in
      a.addSquares(i, mask)
      b.addSquares(i, mask)
      c.addSquares(i, mask)
      d.addSquares(i, mask)
    }
    let squares = SIMD4(laneTotal(a.lanes), laneTotal(b.lanes), laneTotal(c.lanes), laneTotal(d.lanes))
    let variances = squares / Float(count) + epsilon
    // The root of the library asks of each number whether it is negative.
    let root = _mm_sqrt_ps(variances)
    reciprocals = _mm_div_ps(_mm_set1_ps(1), root)
  }
}

/// Sixteen values a step under a mask, which is known to be full for all but the last.
@inline(__always)
private func forEachRegister(of count: Int, _ body: (_ i: Int, _ mask: __mmask16) -> Void) {
  let whole = count & ~15
  var i = 0
  while i < whole {
    body(i, 0xffff)
    i &+= 16
  }
  if whole < count { body(whole, laneMask(count &- whole)) }
}

/// The lane sums of one row: of its values, and then of the squares of what is left without their mean.
private struct LaneMoments {
  var lanes = _mm512_setzero_ps()
  private let row: UnsafePointer<Float>
  private var mean = _mm512_setzero_ps()

  @inline(__always)
  init(_ row: UnsafePointer<Float>) { self.row = row }

  @inline(__always)
  mutating func addValues(_ i: Int, _ mask: __mmask16) {
    lanes = _mm512_mask_add_ps(lanes, mask, lanes, _mm512_maskz_loadu_ps(mask, row + i))
  }

  @inline(__always)
  mutating func centre(_ mean: Float) {
    self.mean = _mm512_set1_ps(mean)
    lanes = _mm512_setzero_ps()
  }

  @inline(__always)
  mutating func addSquares(_ i: Int, _ mask: __mmask16) {
    let centred = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, row + i), mean)
    lanes = _mm512_mask3_fmadd_ps(centred, centred, lanes, mask)
  }
}
