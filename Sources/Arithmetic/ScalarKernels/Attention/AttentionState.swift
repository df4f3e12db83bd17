/// What one query row has gathered so far: the running maximum `m` of its base-2 logits, the sum `l` of its
/// weights and the weighted sum `o` of V, both relative to 2ᵐ.
///
/// In memory a state is `16 + channels` floats: `m`, `l`, 14 unused ones, then `o`, so that `o` starts on a
/// cache line.
public enum AttentionState {
  /// Index of `o` in a state.
  public static let output = 16
  /// `m` of a row that has seen nothing; finite, so that differences of maxima are never NaN.
  public static let emptyMaximum: Float = -3e38

  /// Floats from one row's state to the next.
  public static func stride(channels: Int) -> Int { output + channels }
}

/// Empties `rows` states: `m` = −3e38, `l` = 0, `o` = 0.
public func resetStates(_ states: UnsafeMutablePointer<Float>, rows: Int, channels: Int) {
  let stride = AttentionState.stride(channels: channels)
  states.update(repeating: 0, count: rows * stride)
  for row in 0..<rows { states[row * stride] = AttentionState.emptyMaximum }
}

/// Adds `rows` states to those in `total`, in place.
///
/// `m' = max(m₁, m₂)`, `kᵢ = exp2(mᵢ − m')`, `l = fma(l₂, k₂, l₁ · k₁)`, `o` likewise.
public func mergeStates(
  _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, channels: Int
) {
  for row in 0..<rows {
    let a = total + row * AttentionState.stride(channels: channels)
    let b = other + row * AttentionState.stride(channels: channels)
    let maximum = b[0] > a[0] ? b[0] : a[0]
    let (keep, factor) = (approximateExp2(a[0] - maximum), approximateExp2(b[0] - maximum))
    a[0] = maximum
    a[1] = (a[1] * keep).addingProduct(b[1], factor)
    for c in AttentionState.output..<AttentionState.stride(channels: channels) {
      a[c] = (a[c] * keep).addingProduct(b[c], factor)
    }
  }
}

/// Writes one row's result, `o / l`, for the first `count` channels.
public func finishState(_ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>) {
  for c in 0..<count { output[c] = state[AttentionState.output + c] / state[1] }
}
