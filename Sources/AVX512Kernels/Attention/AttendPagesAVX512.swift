import CIntrinsics
import ScalarKernels

/// `attendPages` with `vpdpbusd` for both products: K's unsigned codes times the query's signed ones,
/// unsigned weights times V's signed codes. Lane t of a score register is token t, so logits need no
/// horizontal sum.
///
/// Rows go through a page in blocks of eight, stage by stage: a row alone is one long chain of dependent
/// instructions, and eight chains side by side hide each other's latency. Inside the products rows go in
/// pairs, which share each load of K and V: with two rows the multiplies, two a cycle, take longer than the
/// loads, so more would gain nothing.
@inline(never)
public func attendPagesAVX512(
  _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
  states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = numbers.format.channels
  for index in 0..<list.count {
    let page = PageAVX512(numbers, list.pages[index], scratch: scratch)
    if index + 1 < list.count { prefetch(list.pages[index + 1], byteCount: numbers.format.byteCount) }
    for row in stride(from: 0, to: rows, by: PageAVX512.rowsPerBlock) {
      page.attend(
        queries + row * channels, rows: min(PageAVX512.rowsPerBlock, rows - row),
        states: states + row * AttentionState.stride(channels: channels))
    }
  }
}

/// Fetches a page while the one before it is worked on: pages lie scattered, and the hardware sees no stream.
@inline(__always)
private func prefetch(_ page: UnsafeRawPointer, byteCount: Int) {
  for offset in stride(from: 0, to: byteCount, by: 64) { prefetch_line(page + offset) }
}

/// What one row needs to know between the stages.
struct RowFacts {
  /// Turn a score into a logit.
  var factor: Float = 0
  var shift: Float = 0
  /// The page's largest logit and its integer sum of weights.
  var maximum: Float = 0
  var sum: Int32 = 0
  /// What the row's state and the page's sums are scaled by.
  var keep: Float = 0
  var step: Float = 0
}

/// One page while rows attend to it.
struct PageAVX512 {
  static let rowsPerBlock = 8

  let numbers: AttentionNumbers
  let page: UnsafeRawPointer
  let codes: PageCodes
  /// Each row's int8 query codes, `[8][channels]`.
  let queryCodes: UnsafeMutableRawPointer
  /// Each row's weights, `[8][64]` bytes.
  let weights: UnsafeMutableRawPointer
  let facts: UnsafeMutablePointer<RowFacts>

  @inline(__always)
  init(_ numbers: AttentionNumbers, _ page: UnsafeRawPointer, scratch: UnsafeMutableRawPointer) {
    self.numbers = numbers
    self.page = page
    let channels = numbers.format.channels
    codes = PageCodes(numbers.format, page, scratch: scratch)
    queryCodes = scratch + 2 * PageFormat.tokens * channels
    weights = queryCodes + Self.rowsPerBlock * channels
    facts = (weights + Self.rowsPerBlock * PageFormat.tokens).assumingMemoryBound(to: RowFacts.self)
  }

  var channels: Int { numbers.format.channels }

  @inline(__always)
  func section(_ offset: Int) -> UnsafePointer<Float16> {
    (page + offset).assumingMemoryBound(to: Float16.self)
  }

  @inline(__always)
  func query(_ row: Int) -> UnsafeMutableRawPointer { queryCodes + row * channels }

  @inline(__always)
  func weights(_ row: Int) -> UnsafeMutableRawPointer { weights + row * PageFormat.tokens }

  /// Takes up to eight rows through the page.
  @inline(__always)
  func attend(_ queries: UnsafePointer<Float>, rows: Int, states: UnsafeMutablePointer<Float>) {
    let stateStride = AttentionState.stride(channels: channels)
    let pairs = rows & ~1
    for row in 0..<rows { fold(queries + row * channels, row) }
    for row in stride(from: 0, to: pairs, by: 2) {
      let (first, second) = scores(query(row), query(row + 1))
      weigh(first, row)
      weigh(second, row + 1)
    }
    if pairs < rows { weigh(scores(query(pairs)), pairs) }
    for row in 0..<rows { step(states + row * stateStride, row) }
    for row in stride(from: 0, to: pairs, by: 2) { accumulate(pair: row, states + row * stateStride) }
    if pairs < rows { accumulate(pairs, states + pairs * stateStride) }
  }

  /// Multiplies a query by K's channel scales and rounds it to int8 codes.
  @inline(__always)
  func fold(_ query: UnsafePointer<Float>, _ row: Int) {
    let scales = section(numbers.format.keyScales)
    let offsets = section(numbers.format.keyOffsets)
    var largest = _mm512_setzero_ps()
    var base = _mm512_setzero_ps()
    for c in stride(from: 0, to: channels, by: 16) {
      let q = _mm512_loadu_ps(query + c)
      largest = _mm512_max_ps(_mm512_abs_ps(_mm512_mul_ps(q, loadHalf(scales + c))), largest)
      base = _mm512_fmadd_ps(q, loadHalf(offsets + c), base)
    }
    let absmax = laneMaximum(largest)
    let quotient = numbers.queryLimit / absmax
    let inverse = _mm512_set1_ps(absmax > 0 && quotient.isFinite ? quotient : 0)
    let low = _mm512_set1_ps(-numbers.queryLimit)
    let high = _mm512_set1_ps(numbers.queryLimit)
    for c in stride(from: 0, to: channels, by: 16) {
      let folded = _mm512_mul_ps(_mm512_loadu_ps(query + c), loadHalf(scales + c))
      let clamped = _mm512_min_ps(_mm512_max_ps(_mm512_mul_ps(folded, inverse), low), high)
      let bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(clamped))
      _mm_storeu_si128((self.query(row) + c).assumingMemoryBound(to: __m128i.self), bytes)
    }
    facts[row].factor = absmax / numbers.queryLimit * numbers.logitScale
    facts[row].shift = laneTotal(base) * numbers.logitScale
  }
}
