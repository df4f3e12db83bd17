import CIntrinsics
import ScalarKernels

/// `attendTail`: a lane sum per token for the logits, sixteen tokens at a time for the weights, sixteen
/// channels at a time for V.
@inline(never)
public func attendTailAVX512(_ tail: TailRows, states: UnsafeMutablePointer<Float>) {
  withUnsafeTemporaryAllocation(byteCount: 4 * PageFormat.tokens, alignment: 64) { buffer in
    guard let weights = buffer.baseAddress?.assumingMemoryBound(to: Float.self) else { return }
    for row in 0..<tail.rows {
      let state = states + row * AttentionState.stride(channels: tail.channels)
      let limit = tail.limit(row)
      logits(tail, tail.queries + row * tail.channels, limit: limit, into: weights)
      weigh(weights, limit: limit, state: state)
      for c in stride(from: 0, to: tail.channels, by: 16) {
        var sum = _mm512_setzero_ps()
        for t in 0..<limit {
          sum = _mm512_fmadd_ps(
            _mm512_set1_ps(weights[t]), loadHalf(tail.values + t * tail.channels + c), sum)
        }
        _mm512_storeu_ps(state + AttentionState.output + c, sum)
      }
    }
  }
}

@inline(__always)
private func logits(
  _ tail: TailRows, _ query: UnsafePointer<Float>, limit: Int, into logits: UnsafeMutablePointer<Float>
) {
  for t in 0..<limit {
    var lanes = _mm512_setzero_ps()
    for c in stride(from: 0, to: tail.channels, by: 16) {
      lanes = _mm512_fmadd_ps(_mm512_loadu_ps(query + c), loadHalf(tail.keys + t * tail.channels + c), lanes)
    }
    logits[t] = laneTotal(lanes) * tail.logitScale
  }
}

/// Replaces logits by weights and sets the state's `m` and `l`.
@inline(__always)
private func weigh(_ values: UnsafeMutablePointer<Float>, limit: Int, state: UnsafeMutablePointer<Float>) {
  var largest = _mm512_set1_ps(AttentionState.emptyMaximum)
  for t in stride(from: 0, to: limit, by: 16) {
    let mask = laneMask(limit - t)
    largest = _mm512_mask_max_ps(largest, mask, _mm512_maskz_loadu_ps(mask, values + t), largest)
  }
  let block = laneMaximum(largest)
  var total = _mm512_setzero_ps()
  for t in stride(from: 0, to: limit, by: 16) {
    let mask = laneMask(limit - t)
    let below = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, values + t), _mm512_set1_ps(block))
    let weights = _mm512_mul_ps(_mm512_set1_ps(255), approximateExp2AVX512(below))
    _mm512_mask_storeu_ps(values + t, mask, weights)
    total = _mm512_mask_add_ps(total, mask, total, weights)
  }
  state[0] = block
  state[1] = laneTotal(total)
}
