import CIntrinsics

/// Four registers of integers: the 64 tokens of a page, or 64 channels.
struct FourRegisters {
  var a: __m512i
  var b: __m512i
  var c: __m512i
  var d: __m512i

  @inline(__always)
  init(_ a: __m512i, _ b: __m512i, _ c: __m512i, _ d: __m512i) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }

  @inline(__always)
  init(repeating value: __m512i) { (a, b, c, d) = (value, value, value, value) }

  @inline(__always)
  init(repeating value: Int32 = 0) {
    a = _mm512_set1_epi32(value)
    (b, c, d) = (a, a, a)
  }

  /// Four registers `step` bytes apart.
  @inline(__always)
  init(_ p: UnsafeRawPointer, step: Int) {
    a = _mm512_loadu_si512(p)
    b = _mm512_loadu_si512(p + step)
    c = _mm512_loadu_si512(p + 2 * step)
    d = _mm512_loadu_si512(p + 3 * step)
  }

  /// 64 unsigned bytes as integers.
  @inline(__always)
  init(unsignedBytes bytes: __m512i) {
    let (low, high) = (_mm512_castsi512_si256(bytes), bytes.highHalf)
    a = _mm512_cvtepu8_epi32(_mm256_castsi256_si128(low))
    b = _mm512_cvtepu8_epi32(low.highHalf)
    c = _mm512_cvtepu8_epi32(_mm256_castsi256_si128(high))
    d = _mm512_cvtepu8_epi32(high.highHalf)
  }

  /// Writes the registers one after the other.
  @inline(__always)
  func store(_ p: UnsafeMutableRawPointer) {
    _mm512_storeu_si512(p, a)
    _mm512_storeu_si512(p + 64, b)
    _mm512_storeu_si512(p + 128, c)
    _mm512_storeu_si512(p + 192, d)
  }

  /// Keeps the larger of each integer.
  @inline(__always)
  mutating func merge(_ other: FourRegisters) {
    a = _mm512_max_epi32(a, other.a)
    b = _mm512_max_epi32(b, other.b)
    c = _mm512_max_epi32(c, other.c)
    d = _mm512_max_epi32(d, other.d)
  }

  /// The lanes' largest integers, over the four registers.
  @inline(__always)
  var maxima: __m512i { _mm512_max_epi32(_mm512_max_epi32(a, b), _mm512_max_epi32(c, d)) }

  /// Each register's largest integer.
  @inline(__always)
  var laneMaxima: SIMD4<Int32> {
    let words = transposed.maxima
    let eight = _mm256_max_epi32(_mm512_castsi512_si256(words), words.highHalf)
    let four = _mm_max_epi32(_mm256_castsi256_si128(eight), eight.highHalf)
    return unsafeBitCast(four, to: SIMD4<Int32>.self)
  }

  /// Each register's sum.
  @inline(__always)
  var laneTotals: SIMD4<Int32> {
    let words = transposed
    let sum = _mm512_add_epi32(_mm512_add_epi32(words.a, words.b), _mm512_add_epi32(words.c, words.d))
    let eight = _mm256_add_epi32(_mm512_castsi512_si256(sum), sum.highHalf)
    let four = _mm_add_epi32(_mm256_castsi256_si128(eight), eight.highHalf)
    return unsafeBitCast(four, to: SIMD4<Int32>.self)
  }

  /// Within each 128 bits, a word of every register: what remains is to combine registers and then halves.
  @inline(__always)
  private var transposed: FourRegisters {
    let (abLow, abHigh) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b))
    let (cdLow, cdHigh) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d))
    return FourRegisters(
      _mm512_unpacklo_epi64(abLow, cdLow), _mm512_unpackhi_epi64(abLow, cdLow),
      _mm512_unpacklo_epi64(abHigh, cdHigh), _mm512_unpackhi_epi64(abHigh, cdHigh))
  }

  /// The low four bits of every byte.
  @inline(__always)
  var low: FourRegisters { FourRegisters(lowNibbles(a), lowNibbles(b), lowNibbles(c), lowNibbles(d)) }

  /// The high four bits.
  @inline(__always)
  var high: FourRegisters { FourRegisters(highNibbles(a), highNibbles(b), highNibbles(c), highNibbles(d)) }

  /// 64 integers as unsigned bytes, in order; those outside become 0 or 255.
  @inline(__always)
  var unsignedBytes: __m512i {
    wordsInOrder(_mm512_packus_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d)))
  }

  /// 64 integers as signed bytes, in order; those outside become −128 or 127.
  @inline(__always)
  var signedBytes: __m512i {
    wordsInOrder(_mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d)))
  }

  /// Adds the products of K's unsigned codes, four channels of 64 tokens, with four codes of one query.
  @inline(__always)
  mutating func add(keys: FourRegisters, query: __m512i) {
    a = _mm512_dpbusd_epi32(a, keys.a, query)
    b = _mm512_dpbusd_epi32(b, keys.b, query)
    c = _mm512_dpbusd_epi32(c, keys.c, query)
    d = _mm512_dpbusd_epi32(d, keys.d, query)
  }

  /// Adds the products of four tokens' weights with their V codes in 64 channels.
  @inline(__always)
  mutating func add(weights: __m512i, values: FourRegisters) {
    a = _mm512_dpbusd_epi32(a, weights, values.a)
    b = _mm512_dpbusd_epi32(b, weights, values.b)
    c = _mm512_dpbusd_epi32(c, weights, values.c)
    d = _mm512_dpbusd_epi32(d, weights, values.d)
  }
}

/// The word at index `i` in every lane: four bytes for `vpdpbusd`.
@inline(__always)
func broadcastWord(_ p: UnsafeRawPointer, _ i: Int) -> __m512i {
  _mm512_set1_epi32(p.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
}

/// Undoes the order of 64 bytes packed from four registers of words: packing works within 128 bits, so that word 4·L + k
/// comes from lanes 4·L… of register k.
@inline(__always)
func wordsInOrder(_ packed: __m512i) -> __m512i {
  let order = SIMD16<Int32>(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
  return _mm512_permutexvar_epi32(unsafeBitCast(order, to: __m512i.self), packed)
}
