import CIntrinsics
import ScalarKernels

/// `attendTail`, up to four rows of one token at a time: they see the same tokens and share each of K's and V's
/// registers.
@inline(never)
package func attendTailAVX512(
  _ tail: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  for token in stride(from: 0, to: tail.rows, by: tail.rowsPerToken) {
    let end = min(token + tail.rowsPerToken, tail.rows)
    for row in stride(from: token, to: end, by: 4) {
      let tile = TailTile(tail, row, rows: min(4, end - row), states, scratch)
      tile.score()
      if tail.logitCap > 0 { tile.cap() }
      tile.weigh()
      tile.accumulate()
    }
  }
}

/// Up to four rows that see the same `limit` tokens, counted from the first of them.
private struct TailTile {
  private let tail: TailRows
  private let limit: Int
  private let rows: Int
  private let keys: UnsafePointer<Float16>
  private let values: UnsafePointer<Float16>
  private let queries: UnsafePointer<Float>
  private let states: UnsafeMutablePointer<Float>
  /// Each row's logits, then weights, `[4][64]`.
  private let weights: UnsafeMutablePointer<Float>
  /// Products of sixteen tokens with each row whose lanes are still to be added, `[4][16][16]`.
  private let lanes: UnsafeMutablePointer<Float>

  @inline(__always)
  init(
    _ tail: TailRows, _ row: Int, rows: Int, _ states: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutableRawPointer
  ) {
    self.tail = tail
    self.rows = rows
    let visible = tail.visible(row)
    limit = visible.count
    keys = tail.keys + visible.lowerBound * tail.channels
    values = tail.values + visible.lowerBound * tail.channels
    queries = tail.queries + row * tail.channels
    self.states = states + row * AttentionState.stride(channels: tail.channels)
    weights = scratch.assumingMemoryBound(to: Float.self)
    lanes = weights + 4 * PageFormat.tokens
  }

  /// Writes each row's logits.
  @inline(never)
  func score() {
    for first in stride(from: 0, to: limit, by: 16) {
      let count = min(16, limit - first)
      let whole = tail.channels & ~63
      for c in stride(from: 0, to: whole, by: 64) {
        withConstant(rows) { multiply64(first, count, c, rows: $0) }
      }
      for c in stride(from: whole, to: tail.channels, by: 16) {
        withConstant(rows) { multiply16(first, count, c, rows: $0) }
      }
      for row in 0..<rows {
        let dots = combinedLanes(lanes + 16 * 16 * row, _mm512_add_ps)
        let logits = _mm512_mul_ps(dots, _mm512_set1_ps(tail.logitScale))
        _mm512_store_ps(weights(row) + first, logits)
      }
    }
  }

  /// Adds each row's products with `count` tokens from `first` on in 64 channels, lane by lane. The queries stay in
  /// registers.
  @inline(__always)
  private func multiply64(_ first: Int, _ count: Int, _ channel: Int, rows: Int) {
    let (a, b) = (query64(0, channel), query64(1, channel))
    let (c, d) = (query64(2, channel), query64(3, channel))
    for t in 0..<count {
      let keys = channels64(keys, first + t, channel)
      store(0, t, a.dot(keys, lanes(0, t, channel)))
      if rows > 1 { store(1, t, b.dot(keys, lanes(1, t, channel))) }
      if rows > 2 { store(2, t, c.dot(keys, lanes(2, t, channel))) }
      if rows > 3 { store(3, t, d.dot(keys, lanes(3, t, channel))) }
    }
  }

  /// The same in sixteen channels.
  @inline(__always)
  private func multiply16(_ first: Int, _ count: Int, _ channel: Int, rows: Int) {
    for t in 0..<count {
      let key = loadHalf(keys + (first + t) * tail.channels + channel)
      for row in 0..<rows {
        let query = _mm512_loadu_ps(queries + row * tail.channels + channel)
        store(row, t, _mm512_fmadd_ps(query, key, lanes(row, t, channel)))
      }
    }
  }

  /// A token's K or V, while those in the same place of the tail that follows are fetched.
  @inline(__always)
  private func channels64(_ base: UnsafePointer<Float16>, _ token: Int, _ channel: Int) -> Channels64 {
    let halves = base + token * tail.channels + channel
    let ahead = UnsafeRawPointer(halves) + tail.following
    prefetch_line(ahead)
    prefetch_line(ahead + 64)
    return Channels64(halves)
  }

  /// A row's query; an absent row repeats the last one.
  @inline(__always)
  private func query64(_ row: Int, _ channel: Int) -> Channels64 {
    Channels64(queries + min(row, rows - 1) * tail.channels + channel)
  }

  /// What the channels before `channel` have summed up to.
  @inline(__always)
  private func lanes(_ row: Int, _ t: Int, _ channel: Int) -> __m512 {
    channel == 0 ? _mm512_setzero_ps() : _mm512_load_ps(lanes + 16 * (16 * row + t))
  }

  @inline(__always)
  private func store(_ row: Int, _ t: Int, _ sum: __m512) {
    _mm512_store_ps(lanes + 16 * (16 * row + t), sum)
  }

  /// Keeps each row's logits within the cap.
  @inline(__always)
  func cap() {
    for row in 0..<rows { softCapAVX512(weights(row), count: limit, cap: tail.logitCap) }
  }

  /// Replaces logits by weights and sets the states' `m` and `l`.
  @inline(never)
  func weigh() {
    for row in 0..<rows {
      let (weights, state) = (weights(row), state(row))
      var largest = _mm512_set1_ps(AttentionState.emptyMaximum)
      for t in stride(from: 0, to: limit, by: 16) {
        largest = _mm512_mask_max_ps(largest, laneMask(limit - t), _mm512_load_ps(weights + t), largest)
      }
      let maximum = laneMaximum(largest)
      var total = _mm512_setzero_ps()
      for t in stride(from: 0, to: limit, by: 16) {
        let below = _mm512_sub_ps(_mm512_load_ps(weights + t), _mm512_set1_ps(maximum))
        let weight = _mm512_mul_ps(_mm512_set1_ps(255), approximateExp2AVX512(below))
        _mm512_store_ps(weights + t, weight)
        total = _mm512_mask_add_ps(total, laneMask(limit - t), total, weight)
      }
      state[0] = maximum
      state[1] = laneTotal(total)
    }
  }

  /// Weighs V, token after token: 64 channels at a time, sixteen where fewer are left.
  @inline(never)
  func accumulate() {
    let whole = tail.channels & ~63
    for c in stride(from: 0, to: whole, by: 64) { withConstant(rows) { accumulate64(c, rows: $0) } }
    for c in stride(from: whole, to: tail.channels, by: 16) {
      withConstant(rows) { accumulate16(c, rows: $0) }
    }
  }

  @inline(__always)
  private func accumulate64(_ channel: Int, rows: Int) {
    var (a, b, c, d) = (Channels64(), Channels64(), Channels64(), Channels64())
    for t in 0..<limit {
      let values = channels64(values, t, channel)
      a.add(weights(0)[t], values)
      if rows > 1 { b.add(weights(1)[t], values) }
      if rows > 2 { c.add(weights(2)[t], values) }
      if rows > 3 { d.add(weights(3)[t], values) }
    }
    a.store(output(0, channel))
    if rows > 1 { b.store(output(1, channel)) }
    if rows > 2 { c.store(output(2, channel)) }
    if rows > 3 { d.store(output(3, channel)) }
  }

  @inline(__always)
  private func accumulate16(_ channel: Int, rows: Int) {
    let zero = _mm512_setzero_ps()
    var (a, b, c, d) = (zero, zero, zero, zero)
    for t in 0..<limit {
      let values = loadHalf(values + t * tail.channels + channel)
      a = _mm512_fmadd_ps(_mm512_set1_ps(weights(0)[t]), values, a)
      if rows > 1 { b = _mm512_fmadd_ps(_mm512_set1_ps(weights(1)[t]), values, b) }
      if rows > 2 { c = _mm512_fmadd_ps(_mm512_set1_ps(weights(2)[t]), values, c) }
      if rows > 3 { d = _mm512_fmadd_ps(_mm512_set1_ps(weights(3)[t]), values, d) }
    }
    _mm512_storeu_ps(output(0, channel), a)
    if rows > 1 { _mm512_storeu_ps(output(1, channel), b) }
    if rows > 2 { _mm512_storeu_ps(output(2, channel), c) }
    if rows > 3 { _mm512_storeu_ps(output(3, channel), d) }
  }

  @inline(__always)
  private func weights(_ row: Int) -> UnsafeMutablePointer<Float> { weights + row * PageFormat.tokens }

  @inline(__always)
  private func state(_ row: Int) -> UnsafeMutablePointer<Float> {
    states + row * AttentionState.stride(channels: tail.channels)
  }

  @inline(__always)
  private func output(_ row: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
    state(row) + AttentionState.output + channel
  }
}

/// 64 channels. With two rows and more their sums are eight chains of additions, as many as two adders of four
/// cycles keep going.
private struct Channels64 {
  private var a, b, c, d: __m512

  @inline(__always)
  init() {
    a = _mm512_setzero_ps()
    (b, c, d) = (a, a, a)
  }

  @inline(__always)
  init(_ p: UnsafePointer<Float16>) {
    (a, b, c, d) = (loadHalf(p), loadHalf(p + 16), loadHalf(p + 32), loadHalf(p + 48))
  }

  @inline(__always)
  init(_ p: UnsafePointer<Float>) {
    (a, b, c, d) = (
      _mm512_loadu_ps(p), _mm512_loadu_ps(p + 16), _mm512_loadu_ps(p + 32), _mm512_loadu_ps(p + 48)
    )
  }

  /// Adds the products with `other`, lane by lane.
  @inline(__always)
  func dot(_ other: Channels64, _ sum: __m512) -> __m512 {
    let ab = _mm512_fmadd_ps(b, other.b, _mm512_fmadd_ps(a, other.a, sum))
    return _mm512_fmadd_ps(d, other.d, _mm512_fmadd_ps(c, other.c, ab))
  }

  @inline(__always)
  mutating func add(_ weight: Float, _ values: Channels64) {
    let weight = _mm512_set1_ps(weight)
    a = _mm512_fmadd_ps(weight, values.a, a)
    b = _mm512_fmadd_ps(weight, values.b, b)
    c = _mm512_fmadd_ps(weight, values.c, c)
    d = _mm512_fmadd_ps(weight, values.d, d)
  }

  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>) {
    _mm512_storeu_ps(p, a)
    _mm512_storeu_ps(p + 16, b)
    _mm512_storeu_ps(p + 32, c)
    _mm512_storeu_ps(p + 48, d)
  }
}
