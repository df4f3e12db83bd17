import CIntrinsics

/// `floatLinear` in tiles of 2 rows × 2 outputs: 8 of 16 registers hold sums of sixteen lanes, 6 hold
/// operands.
///
/// Tiles that stick out at the bottom or right compute their last row or output again and do not write it.
@inline(never)
package func floatLinearAVX2(
  _ x: UnsafePointer<Float>, rows: Int, w: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  _ y: UnsafeMutablePointer<Float>, yStride: Int, n: Int, k: Int
) {
  for o in stride(from: 0, to: n, by: 2) {
    let right = min(o + 1, n - 1)
    for m in stride(from: 0, to: rows, by: 2) {
      let bottom = min(m + 1, rows - 1)
      var tile = FloatTile()
      tile.accumulate(x + m * k, x + bottom * k, w + o * k, w + right * k, k: k)
      // Where a tile sticks out, both writes go to one place and write one value.
      y[m * yStride + o] = biased(tile.a.total, bias, o)
      y[m * yStride + right] = biased(tile.b.total, bias, right)
      y[bottom * yStride + o] = biased(tile.c.total, bias, o)
      y[bottom * yStride + right] = biased(tile.d.total, bias, right)
    }
  }
}

@inline(__always)
private func biased(_ sum: Float, _ bias: UnsafePointer<Float>?, _ output: Int) -> Float {
  if let bias { sum + bias[output] } else { sum }
}

/// The sums of two rows of `x` with two weight rows.
private struct FloatTile {
  var a = LanePair(), b = LanePair(), c = LanePair(), d = LanePair()

  @inline(__always)
  mutating func accumulate(
    _ x0: UnsafePointer<Float>, _ x1: UnsafePointer<Float>, _ w0: UnsafePointer<Float>,
    _ w1: UnsafePointer<Float>, k: Int
  ) {
    let whole = k & ~15
    for i in stride(from: 0, to: whole, by: 16) { step(x0 + i, x1 + i, w0 + i, w1 + i, left: 16) }
    if whole < k { step(x0 + whole, x1 + whole, w0 + whole, w1 + whole, left: k - whole) }
  }

  /// One step of at most sixteen values along k; with the constant 16 nothing of the tail's masks remains.
  @inline(__always)
  private mutating func step(
    _ x0: UnsafePointer<Float>, _ x1: UnsafePointer<Float>, _ w0: UnsafePointer<Float>,
    _ w1: UnsafePointer<Float>, left: Int
  ) {
    let (u, v) = (LanePair(w0, remaining: left), LanePair(w1, remaining: left))
    let top = LanePair(x0, remaining: left)
    a.add(top, times: u, remaining: left)
    b.add(top, times: v, remaining: left)
    let low = LanePair(x1, remaining: left)
    c.add(low, times: u, remaining: left)
    d.add(low, times: v, remaining: left)
  }
}
