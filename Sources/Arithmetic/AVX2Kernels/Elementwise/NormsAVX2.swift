import CIntrinsics

/// `rmsNorm`: the sum of squares in two registers of eight lanes, then one pass.
@inline(never)
package func rmsNormAVX2(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  epsilon: Float
) {
  let r = 1 / (laneDotAVX2(x, x, count: count) / Float(count) + epsilon).squareRoot()
  for i in stride(from: 0, to: count, by: 16) {
    let scaled = Lanes(x + i, remaining: count - i) * Lanes(repeating: r)
    (scaled * Lanes(weight + i, remaining: count - i)).store(y + i, remaining: count - i)
  }
}

/// `layerNorm` in three passes over a row that fits the first-level cache.
@inline(never)
package func layerNormAVX2(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
) {
  let (mean, r) = layerNormMoments(x, count: count, epsilon: epsilon)
  for i in stride(from: 0, to: count, by: 16) {
    let centred = Lanes(x + i, remaining: count - i) - mean
    let (w, b) = (Lanes(weight + i, remaining: count - i), Lanes(bias + i, remaining: count - i))
    fused(centred * r, w, b).store(y + i, remaining: count - i)
  }
}

/// Mean and reciprocal standard deviation of a row, in every lane.
@inline(__always)
func layerNormMoments(
  _ x: UnsafePointer<Float>, count: Int, epsilon: Float
) -> (mean: Lanes, reciprocal: Lanes) {
  var sum = Lanes(repeating: 0)
  for i in stride(from: 0, to: count, by: 16) {
    sum.merge(sum + Lanes(x + i, remaining: count - i), remaining: count - i)
  }
  let mean = Lanes(repeating: sum.total / Float(count))
  var squares = Lanes(repeating: 0)
  for i in stride(from: 0, to: count, by: 16) {
    let centred = Lanes(x + i, remaining: count - i) - mean
    squares.merge(fused(centred, centred, squares), remaining: count - i)
  }
  return (mean, Lanes(repeating: 1 / (squares.total / Float(count) + epsilon).squareRoot()))
}
