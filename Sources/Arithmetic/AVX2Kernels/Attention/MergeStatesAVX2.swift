import CIntrinsics
import ScalarKernels

/// `mergeStates`.
@inline(never)
package func mergeStatesAVX2(
  _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, channels: Int
) {
  for row in 0..<rows {
    let a = total + row * AttentionState.stride(channels: channels)
    let b = other + row * AttentionState.stride(channels: channels)
    let maximum = b[0] > a[0] ? b[0] : a[0]
    let keep = approximateExp2AVX2(Lanes(repeating: a[0] - maximum))
    let factor = approximateExp2AVX2(Lanes(repeating: b[0] - maximum))
    a[0] = maximum
    a[1] = (a[1] * keep.low[0]).addingProduct(b[1], factor.low[0])
    for c in stride(from: AttentionState.output, to: AttentionState.stride(channels: channels), by: 16) {
      let kept = Lanes(a + c, remaining: 16) * keep
      fused(Lanes(b + c, remaining: 16), factor, kept).store(a + c, remaining: 16)
    }
  }
}

/// `finishState`.
@inline(never)
package func finishStateAVX2(_ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>) {
  let total = Lanes(repeating: state[1])
  for c in stride(from: 0, to: count, by: 16) {
    let result = Lanes(state + AttentionState.output + c, remaining: 16) / total
    result.store(output + c, remaining: count - c)
  }
}
