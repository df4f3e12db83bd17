import ScalarKernels

extension FloatLanes {
  /// `mergeStates`.
  @inlinable @inline(__always)
  public static func mergeStates(
    _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, channels: Int
  ) {
    let stride = AttentionState.stride(channels: channels)
    for row in 0..<rows {
      let (a, b) = (total + row * stride, other + row * stride)
      let maximum = b[0] > a[0] ? b[0] : a[0]
      let keep = approximateExp2(Self(repeating: a[0] - maximum))
      let factor = approximateExp2(Self(repeating: b[0] - maximum))
      a[0] = maximum
      a[1] = (a[1] * keep.first).addingProduct(b[1], factor.first)
      for c in Swift.stride(from: AttentionState.output, to: stride, by: 16) {
        let kept = Self(a + c, remaining: 16) * keep
        fused(Self(b + c, remaining: 16), factor, plus: kept).store(a + c, remaining: 16)
      }
    }
  }

  /// `finishState`.
  @inlinable @inline(__always)
  public static func finishState(
    _ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
  ) {
    let total = Self(repeating: state[1])
    forEachStep(of: count) { c, remaining in
      let result = Self(state + AttentionState.output + c, remaining: remaining) / total
      result.store(output + c, remaining: remaining)
    }
  }
}
