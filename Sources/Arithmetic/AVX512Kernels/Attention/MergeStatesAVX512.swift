import CIntrinsics
import ScalarKernels

/// `mergeStates`.
@inline(never)
package func mergeStatesAVX512(
  _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, channels: Int
) {
  for row in 0..<rows {
    let a = total + row * AttentionState.stride(channels: channels)
    let b = other + row * AttentionState.stride(channels: channels)
    let maximum = b[0] > a[0] ? b[0] : a[0]
    let keep = approximateExp2AVX512(_mm512_set1_ps(a[0] - maximum))
    let factor = approximateExp2AVX512(_mm512_set1_ps(b[0] - maximum))
    a[0] = maximum
    a[1] = (a[1] * keep[0]).addingProduct(b[1], factor[0])
    for c in stride(from: AttentionState.output, to: AttentionState.stride(channels: channels), by: 16) {
      let kept = _mm512_mul_ps(_mm512_loadu_ps(a + c), keep)
      _mm512_storeu_ps(a + c, _mm512_fmadd_ps(_mm512_loadu_ps(b + c), factor, kept))
    }
  }
}

/// `finishState`.
@inline(never)
package func finishStateAVX512(
  _ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
) {
  let total = _mm512_set1_ps(state[1])
  for c in stride(from: 0, to: count, by: 16) {
    let result = _mm512_div_ps(_mm512_loadu_ps(state + AttentionState.output + c), total)
    _mm512_mask_storeu_ps(output + c, laneMask(count - c), result)
  }
}
