import CIntrinsics

/// Operations of one round of ``peakInt8AVX512(rounds:)``: 16 `vpdpbusd` of 64 products, each with its
/// addition.
package let peakInt8OperationsAVX512 = 16 * 64 * 2

/// As many `vpdpbusd` as the core can take: sixteen independent chains hide their latency, and nothing
/// touches memory.
///
/// The chains start from different values; equal ones would be one chain to the compiler.
@inline(never)
package func peakInt8AVX512(rounds: Int) -> Int32 {
  let (unsigned, signed) = (Lanes64(from: 0x0102_0304), Lanes64(from: 0x0101_ff01))
  var (a, b) = (Lanes64(from: 0), Lanes64(from: 4))
  var (c, d) = (Lanes64(from: 8), Lanes64(from: 12))
  for _ in 0..<rounds {
    a.add(unsigned.v0, times: signed)
    b.add(unsigned.v1, times: signed)
    c.add(unsigned.v2, times: signed)
    d.add(unsigned.v3, times: signed)
  }
  return a.sum &+ b.sum &+ c.sum &+ d.sum
}

/// Operations of one round of ``peakFloatAVX512(rounds:)``: 12 `vfmadd` of 16 lanes.
package let peakFloatOperationsAVX512 = 12 * 16 * 2

/// As many float32 `vfmadd` as the core can take, in twelve chains.
@inline(never)
package func peakFloatAVX512(rounds: Int) -> Float {
  let (x, y) = (_mm512_set1_ps(0.5), _mm512_set1_ps(0.25))
  var (a, b, c) = (FloatChains(from: 1), FloatChains(from: 5), FloatChains(from: 9))
  for _ in 0..<rounds {
    a.advance(x, y)
    b.advance(x, y)
    c.advance(x, y)
  }
  return a.sum + b.sum + c.sum
}

/// Reads `count` bytes, a multiple of 4,096, aligned to 64: four streams, which four prefetchers follow.
@inline(never)
package func peakReadAVX512(_ bytes: UnsafeRawPointer, count: Int) -> Int64 {
  let quarter = count / 4
  var (a, b) = (_mm512_setzero_si512(), _mm512_setzero_si512())
  var (c, d) = (_mm512_setzero_si512(), _mm512_setzero_si512())
  for offset in stride(from: 0, to: quarter, by: 128) {
    let line = bytes + offset
    a = _mm512_add_epi64(a, sumOfTwo(line))
    b = _mm512_add_epi64(b, sumOfTwo(line + quarter))
    c = _mm512_add_epi64(c, sumOfTwo(line + 2 &* quarter))
    d = _mm512_add_epi64(d, sumOfTwo(line + 3 &* quarter))
  }
  return _mm512_reduce_add_epi64(_mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d)))
}

@inline(__always)
private func sumOfTwo(_ address: UnsafeRawPointer) -> __m512i {
  _mm512_add_epi64(address.load(as: __m512i.self), address.load(fromByteOffset: 64, as: __m512i.self))
}

/// Four registers: operands, or chains of sums.
private struct Lanes64 {
  var v0, v1, v2, v3: __m512i

  /// `value` to `value + 3`, each in every lane of its register.
  @inline(__always)
  init(from value: Int32) {
    v0 = _mm512_set1_epi32(value)
    v1 = _mm512_set1_epi32(value &+ 1)
    v2 = _mm512_set1_epi32(value &+ 2)
    v3 = _mm512_set1_epi32(value &+ 3)
  }

  @inline(__always)
  mutating func add(_ unsigned: __m512i, times signed: Lanes64) {
    v0 = _mm512_dpbusd_epi32(v0, unsigned, signed.v0)
    v1 = _mm512_dpbusd_epi32(v1, unsigned, signed.v1)
    v2 = _mm512_dpbusd_epi32(v2, unsigned, signed.v2)
    v3 = _mm512_dpbusd_epi32(v3, unsigned, signed.v3)
  }

  @inline(__always)
  var sum: Int32 {
    _mm512_reduce_add_epi32(_mm512_add_epi32(_mm512_add_epi32(v0, v1), _mm512_add_epi32(v2, v3)))
  }
}

/// Four registers, each `v = v · x + y` over and over.
private struct FloatChains {
  var v0: __m512, v1: __m512, v2: __m512, v3: __m512

  @inline(__always)
  init(from value: Float) {
    v0 = _mm512_set1_ps(value)
    v1 = _mm512_set1_ps(value + 1)
    v2 = _mm512_set1_ps(value + 2)
    v3 = _mm512_set1_ps(value + 3)
  }

  @inline(__always)
  mutating func advance(_ x: __m512, _ y: __m512) {
    v0 = _mm512_fmadd_ps(v0, x, y)
    v1 = _mm512_fmadd_ps(v1, x, y)
    v2 = _mm512_fmadd_ps(v2, x, y)
    v3 = _mm512_fmadd_ps(v3, x, y)
  }

  @inline(__always)
  var sum: Float { _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(v0, v1), _mm512_add_ps(v2, v3))) }
}
