import CIntrinsics
import ScalarKernels

/// The first stage: queries times K's channel scales, as codes.
extension PageTile {
  /// Sets each cell's query codes and what turns their products into logits.
  @inline(never)
  func fold() {
    for page in 0..<pages {
      fetchScales(page)
      withConstant(rows) { measure(page, rows: $0) }
    }
    let absmax = combinedLanes(lanes, _mm512_max_ps)
    let base = combinedLanes(lanes + 16 * 16, _mm512_add_ps)
    let limit = _mm512_set1_ps(numbers.queryLimit)
    let scale = _mm512_set1_ps(numbers.logitScale)
    let quotient = _mm512_div_ps(limit, absmax)
    // absmax is 0 or more, so a quotient that is not finite is +∞.
    let bits = _mm512_castps_si512(quotient)
    let infinity = _mm512_castps_si512(_mm512_set1_ps(.infinity))
    let finite = _mm512_test_epi32_mask(_mm512_xor_si512(bits, infinity), _mm512_set1_epi32(.max))
    set(.inverse, _mm512_maskz_mov_ps(finite, quotient))
    set(.factor, _mm512_mul_ps(_mm512_div_ps(absmax, limit), scale))
    set(.shift, _mm512_mul_ps(base, scale))
    for page in 0..<pages { code(page) }
  }

  /// Each row's absolute maximum of `q · scale` and sum of `q · offset`, lane by lane.
  @inline(__always)
  private func measure(_ page: Int, rows: Int) {
    let (scales, offsets) = (section(page, format.keyScales), section(page, format.keyOffsets))
    var (a, b, c, d) = (FoldedLanes(), FoldedLanes(), FoldedLanes(), FoldedLanes())
    for i in 0..<channels / 16 {
      let channel = 16 * i
      let (scale, offset) = (loadHalf(scales + channel), loadHalf(offsets + channel))
      a.add(queries + channel, scale, offset)
      if rows > 1 { b.add(queries + channels + channel, scale, offset) }
      if rows > 2 { c.add(queries + 2 * channels + channel, scale, offset) }
      if rows > 3 { d.add(queries + 3 * channels + channel, scale, offset) }
    }
    let target = lanes + 16 * Self.side * page
    a.store(target)
    if rows > 1 { b.store(target + 16) }
    if rows > 2 { c.store(target + 32) }
    if rows > 3 { d.store(target + 48) }
  }

  /// Writes `rint(clamp(q · scale · inverse, −L, L))`, 64 channels at a time, sixteen where fewer are left.
  @inline(__always)
  private func code(_ page: Int) {
    let scales = section(page, format.keyScales)
    let whole = channels & ~63
    for c in stride(from: 0, to: whole, by: 64) {
      let (s0, s1) = (loadHalf(scales + c), loadHalf(scales + c + 16))
      let (s2, s3) = (loadHalf(scales + c + 32), loadHalf(scales + c + 48))
      for row in 0..<rows {
        let (cell, query) = (Self.side * page + row, queries + row * channels + c)
        let inverse = broadcast(.inverse, cell)
        let codes = FourRegisters(
          code(query, s0, inverse), code(query + 16, s1, inverse), code(query + 32, s2, inverse),
          code(query + 48, s3, inverse))
        _mm512_storeu_si512(queryCodes(cell) + c, codes.signedBytes)
      }
    }
    for c in stride(from: whole, to: channels, by: 16) {
      for row in 0..<rows {
        let cell = Self.side * page + row
        let codes = code(queries + row * channels + c, loadHalf(scales + c), broadcast(.inverse, cell))
        let target = (queryCodes(cell) + c).assumingMemoryBound(to: __m128i.self)
        _mm_storeu_si128(target, _mm512_cvtepi32_epi8(codes))
      }
    }
  }

  /// Only NaN needs a bound: |q · scale| · (L / absmax) is at most L · (1 + 2⁻²²), which rounds to L.
  @inline(__always)
  private func code(_ query: UnsafePointer<Float>, _ scale: __m512, _ inverse: __m512) -> __m512i {
    let scaled = _mm512_mul_ps(_mm512_mul_ps(_mm512_loadu_ps(query), scale), inverse)
    return _mm512_cvtps_epi32(_mm512_max_ps(scaled, _mm512_set1_ps(-numbers.queryLimit)))
  }

  /// Fetches the scales of the page that comes at this place of the next tile.
  @inline(__always)
  private func fetchScales(_ page: Int) {
    let scales = pageAhead(page) + format.keyScales
    for line in 0..<(format.byteCount - format.keyScales) / 64 { prefetch_line(scales + 64 * line) }
  }
}

/// What folding a query adds up, lane by lane.
private struct FoldedLanes {
  private var largest = _mm512_setzero_ps()
  private var base = _mm512_setzero_ps()

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(_ query: UnsafePointer<Float>, _ scale: __m512, _ offset: __m512) {
    let q = _mm512_loadu_ps(query)
    largest = _mm512_max_ps(_mm512_abs_ps(_mm512_mul_ps(q, scale)), largest)
    base = _mm512_fmadd_ps(q, offset, base)
  }

  @inline(__always)
  func store(_ target: UnsafeMutablePointer<Float>) {
    _mm512_store_ps(target, largest)
    _mm512_store_ps(target + 16 * 16, base)
  }
}
