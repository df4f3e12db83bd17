import CIntrinsics
import LaneBodies
import ScalarKernels

/// `attendTail`: a lane sum per token for the logits, sixteen tokens at a time for the weights, sixteen
/// channels at a time for V.
@inline(never)
package func attendTailAVX2(
  _ tail: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let weights = scratch.assumingMemoryBound(to: Float.self)
  for row in 0..<tail.rows {
    let state = states + row * AttentionState.stride(channels: tail.channels)
    let visible = tail.visible(row)
    let (limit, start) = (visible.count, visible.lowerBound * tail.channels)
    let (keys, values) = (tail.keys + start, tail.values + start)
    logits(tail, tail.queries + row * tail.channels, keys, limit: limit, into: weights)
    if tail.logitCap > 0 { softCapAVX2(weights, count: limit, cap: tail.logitCap) }
    weigh(weights, limit: limit, state: state)
    for c in stride(from: 0, to: tail.channels, by: 16) {
      var sum = Lanes(repeating: 0)
      for t in 0..<limit {
        sum = Lanes.fused(
          Lanes(repeating: weights[t]), Lanes(half: values + t * tail.channels + c), plus: sum)
      }
      sum.store(state + AttentionState.output + c, remaining: 16)
    }
  }
}

@inline(__always)
private func logits(
  _ tail: TailRows, _ query: UnsafePointer<Float>, _ keys: UnsafePointer<Float16>, limit: Int,
  into logits: UnsafeMutablePointer<Float>
) {
  for t in 0..<limit {
    var lanes = Lanes(repeating: 0)
    for c in stride(from: 0, to: tail.channels, by: 16) {
      lanes = Lanes.fused(
        Lanes(query + c, remaining: 16), Lanes(half: keys + t * tail.channels + c), plus: lanes)
    }
    logits[t] = lanes.total * tail.logitScale
  }
}

/// Replaces logits by weights and sets the state's `m` and `l`.
@inline(__always)
private func weigh(_ values: UnsafeMutablePointer<Float>, limit: Int, state: UnsafeMutablePointer<Float>) {
  var largest = Lanes(repeating: AttentionState.emptyMaximum)
  for t in stride(from: 0, to: limit, by: 16) {
    largest.merge(Lanes.greater(Lanes(values + t, remaining: limit - t), largest), remaining: limit - t)
  }
  let maximum = largest.maximum
  var total = Lanes(repeating: 0)
  for t in stride(from: 0, to: limit, by: 16) {
    let below = Lanes(values + t, remaining: limit - t) - Lanes(repeating: maximum)
    let weights = Lanes(repeating: 255) * Lanes.approximateExp2(below)
    weights.store(values + t, remaining: limit - t)
    total.merge(total + weights, remaining: limit - t)
  }
  state[0] = maximum
  state[1] = total.total
}
