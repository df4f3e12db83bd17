import CIntrinsics
import LaneBodies
import ScalarKernels

/// What a row's weights of a page add up to.
struct WeightSums {
  /// The weights of the softmax.
  let weights: Int32
  /// The weights that multiply V's codes: those times the tokens' scales, where tokens have their own.
  let products: Int32
  /// What the products are multiplied by and what is added, where tokens have scales.
  let scale, offset: Lanes
}

/// From logits to weights.
extension PageAVX2 {
  /// Writes the weights.
  @inline(__always)
  func weigh(below pageMaximum: Float) -> WeightSums {
    let top = Lanes(repeating: pageMaximum)
    var sum = ByteSum()
    for t in stride(from: 0, to: PageFormat.tokens, by: 16) {
      let values = Lanes(logits + t, remaining: 16)
      let bytes: __m128i
      if numbers.codesPerOctave == 0 {
        bytes = (Lanes(repeating: 255) * Lanes.approximateExp2(values - top)).rounded.unsignedBytes
      } else {
        bytes = weights(ofCodes: logCodes(values, top, atMost: 63))
      }
      store(bytes, t)
      sum.add(bytes)
    }
    let zero = Lanes(repeating: 0)
    return WeightSums(weights: sum.total, products: sum.total, scale: zero, offset: zero)
  }

  /// Writes the weights times their tokens' scales.
  ///
  /// Codes of weights and steps of scales are bytes, so that their sums saturate as in the definition.
  @inline(__always)
  func weighTokens(below pageMaximum: Float) -> WeightSums {
    let top = Lanes(repeating: pageMaximum)
    let last = _mm_set1_epi8(63)
    let (steps, offsets) = (page + numbers.format.valueScales, section(numbers.format.valueOffsets))
    let largestScale = leastByte(steps)
    var (sum, offset) = (ByteSum(), Lanes(repeating: 0))
    for t in stride(from: 0, to: PageFormat.tokens, by: 16) {
      let codes = logCodes(Lanes(logits + t, remaining: 16), top, atMost: 255)
      let plain = weights(ofCodes: _mm_min_epu8(codes, last))
      sum.add(plain)
      offset = Lanes.fused(Lanes(unsignedBytes: plain), Lanes(half: offsets + t), plus: offset)
      let below = _mm_sub_epi8(
        steps.loadUnaligned(fromByteOffset: t, as: __m128i.self), broadcast(largestScale))
      store(_mm_adds_epu8(codes, below), t)
    }
    let least = min(leastByte(weights), UInt8(ValueStep.span))
    var products = ByteSum()
    for t in stride(from: 0, to: PageFormat.tokens, by: 16) {
      let codes = UnsafeRawPointer(weights).loadUnaligned(fromByteOffset: t, as: __m128i.self)
      let scaled = weights(ofCodes: _mm_min_epu8(_mm_sub_epi8(codes, broadcast(least)), last))
      store(scaled, t)
      products.add(scaled)
    }
    let scale = ValueStep.exponent(Float(largestScale) + Float(least))
    return WeightSums(
      weights: sum.total, products: products.total,
      scale: Lanes.approximateExp2(Lanes(repeating: scale)), offset: Lanes(repeating: offset.total))
  }

  /// Sixteen bytes of the row's weights, from token `t` on.
  @inline(__always)
  private func store(_ bytes: __m128i, _ t: Int) {
    UnsafeMutableRawPointer(weights + t).storeBytes(of: bytes, as: __m128i.self)
  }

  /// `rint(min((top − s) · κ, most))`, a byte each; NaN gives `most`.
  @inline(__always)
  private func logCodes(_ logits: Lanes, _ top: Lanes, atMost most: Float) -> __m128i {
    let octaves = (top - logits) * Lanes(repeating: numbers.codesPerOctave)
    return Lanes.lesser(octaves, Lanes(repeating: most)).rounded.unsignedBytes
  }

  /// Looks up sixteen codes in the table of 64 weights, sixteen of them at a time.
  ///
  /// A shuffle gives 0 where the index has its highest bit set, and adding 0x70 sets it for all but 0…15.
  @inline(__always)
  private func weights(ofCodes codes: __m128i) -> __m128i {
    var weights = _mm_setzero_si128()
    for part in 0..<4 {
      let table = UnsafeRawPointer(numbers.table).loadUnaligned(fromByteOffset: 16 * part, as: __m128i.self)
      let inPart = _mm_xor_si128(codes, _mm_set1_epi8(Int8(16 * part)))
      let found = _mm_shuffle_epi8(table, _mm_adds_epu8(inPart, _mm_set1_epi8(0x70)))
      weights = _mm_or_si128(weights, found)
    }
    return weights
  }
}

/// The sum of unsigned bytes.
private struct ByteSum {
  private var halves = _mm_setzero_si128()

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(_ bytes: __m128i) {
    halves = _mm_add_epi64(halves, _mm_sad_epu8(bytes, _mm_setzero_si128()))
  }

  var total: Int32 { Int32(truncatingIfNeeded: halves[0] &+ halves[1]) }
}

@inline(__always)
private func broadcast(_ byte: UInt8) -> __m128i { _mm_set1_epi8(Int8(bitPattern: byte)) }

/// The least of 64 unsigned bytes.
@inline(__always)
private func leastByte(_ bytes: UnsafeRawPointer) -> UInt8 {
  func quarter(_ i: Int) -> __m128i { bytes.loadUnaligned(fromByteOffset: 16 * i, as: __m128i.self) }
  let sixteen = _mm_min_epu8(_mm_min_epu8(quarter(0), quarter(1)), _mm_min_epu8(quarter(2), quarter(3)))
  let pairs = _mm_min_epu8(sixteen, _mm_srli_epi16(sixteen, 8))
  let least = _mm_minpos_epu16(_mm_and_si128(pairs, _mm_set1_epi16(0xff)))
  return UInt8(truncatingIfNeeded: _mm_cvtsi128_si32(least))
}

extension Lanes {
  @inline(__always)
  fileprivate init(unsignedBytes bytes: __m128i) {
    let upper = _mm_unpackhi_epi64(bytes, bytes)
    self.init(Integers(_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(upper)))
  }
}
