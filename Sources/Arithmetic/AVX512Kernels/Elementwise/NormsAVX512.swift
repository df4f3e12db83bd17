import CIntrinsics

/// `rmsNorm`: the sum of squares in one register of sixteen lanes, then one masked pass.
@inline(never)
package func rmsNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  epsilon: Float
) {
  let r = 1 / (laneDotAVX512(x, x, count: count) / Float(count) + epsilon).squareRoot()
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_set1_ps(r))
    _mm512_mask_storeu_ps(y + i, mask, _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, weight + i)))
  }
}

/// `layerNorm` in three passes over a row that fits the first-level cache.
@inline(never)
package func layerNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
) {
  let moments = FourMoments(x, rows: 1, count: count, epsilon)
  let (mean, r) = (_mm512_set1_ps(moments.means[0]), _mm512_set1_ps(moments.reciprocals[0]))
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let centred = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), mean)
    let w = _mm512_maskz_loadu_ps(mask, weight + i)
    let result = _mm512_fmadd_ps(_mm512_mul_ps(centred, r), w, _mm512_maskz_loadu_ps(mask, bias + i))
    _mm512_mask_storeu_ps(y + i, mask, result)
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
    let root = _mm_sqrt_ps(unsafeBitCast(variances, to: __m128.self))
    reciprocals = unsafeBitCast(_mm_div_ps(_mm_set1_ps(1), root), to: SIMD4<Float>.self)
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
