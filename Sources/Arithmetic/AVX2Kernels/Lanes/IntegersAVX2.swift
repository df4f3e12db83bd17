import CIntrinsics
import LaneBodies
import ScalarKernels

/// Sixteen integers in two registers: lanes 0…7 and 8…15.
struct Integers: IntegerLanes {
  var low: __m256i
  var high: __m256i

  @inline(__always)
  init(_ low: __m256i, _ high: __m256i) {
    self.low = low
    self.high = high
  }

  @inline(__always)
  init(repeating value: Int32) { self.init(_mm256_set1_epi32(value), _mm256_set1_epi32(value)) }

  /// 64 bytes at `address`, of any alignment.
  @inline(__always)
  init(at address: UnsafeRawPointer) {
    low = address.loadUnaligned(as: __m256i.self)
    high = address.loadUnaligned(fromByteOffset: 32, as: __m256i.self)
  }

  @inline(__always)
  func store(_ p: UnsafeMutableRawPointer) {
    _mm256_storeu_si256(p.assumingMemoryBound(to: __m256i.self), low)
    _mm256_storeu_si256((p + 32).assumingMemoryBound(to: __m256i.self), high)
  }

  @inline(__always)
  static func &+ (a: Integers, b: Integers) -> Integers {
    Integers(_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high))
  }

  @inline(__always)
  static func &- (a: Integers, b: Integers) -> Integers {
    Integers(_mm256_sub_epi32(a.low, b.low), _mm256_sub_epi32(a.high, b.high))
  }

  @inline(__always)
  static func & (a: Integers, b: Integers) -> Integers {
    Integers(_mm256_and_si256(a.low, b.low), _mm256_and_si256(a.high, b.high))
  }

  @inline(__always)
  static func | (a: Integers, b: Integers) -> Integers {
    Integers(_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high))
  }

  @inline(__always)
  static func &<< (a: Integers, bits: Int32) -> Integers {
    let count = _mm_cvtsi32_si128(bits)
    return Integers(_mm256_sll_epi32(a.low, count), _mm256_sll_epi32(a.high, count))
  }

  @inline(__always)
  static func &>> (a: Integers, bits: Int32) -> Integers {
    let count = _mm_cvtsi32_si128(bits)
    return Integers(_mm256_srl_epi32(a.low, count), _mm256_srl_epi32(a.high, count))
  }

  /// The lanes as sixteen 16-bit integers, saturated; exact for codes.
  @inline(__always)
  private var halves: (__m128i, __m128i) {
    (
      _mm_packs_epi32(_mm256_castsi256_si128(low), low.highHalf),
      _mm_packs_epi32(_mm256_castsi256_si128(high), high.highHalf)
    )
  }

  /// The lanes as bytes, each in −128…127.
  @inline(__always)
  var signedBytes: __m128i { _mm_packs_epi16(halves.0, halves.1) }

  /// The lanes as bytes, each in 0…255.
  @inline(__always)
  var unsignedBytes: __m128i { _mm_packus_epi16(halves.0, halves.1) }

  @inline(__always)
  var words: SIMD4<UInt32> { unsafeBitCast(unsignedBytes, to: SIMD4<UInt32>.self) }

  @inline(__always)
  static func store(signed a: Integers, _ b: Integers, at i: Int, of codes: RowCodes) {
    let packed = _mm256_packs_epi16(_mm256_packs_epi32(a.low, a.high), _mm256_packs_epi32(b.low, b.high))
    storeBytes(_mm256_xor_si256(wordsInOrder(packed), _mm256_set1_epi8(-128)), i, codes)
  }

  @inline(__always)
  static func store(
    saturated a: Integers, _ b: Integers, _ c: Integers, _ d: Integers, _ p: UnsafeMutablePointer<UInt8>
  ) {
    @inline(__always)
    func bytes(_ a: Integers, _ b: Integers) -> __m256i {
      wordsInOrder(
        _mm256_packus_epi16(_mm256_packs_epi32(a.low, a.high), _mm256_packs_epi32(b.low, b.high)))
    }
    UnsafeMutableRawPointer(p).storeBytes(of: bytes(a, b), as: __m256i.self)
    UnsafeMutableRawPointer(p + 32).storeBytes(of: bytes(c, d), as: __m256i.self)
  }
}

/// Writes one group of 32 unsigned codes in every form that `codes` wants.
@inline(__always)
func storeBytes(_ bytes: __m256i, _ i: Int, _ codes: RowCodes) {
  UnsafeMutableRawPointer(codes.unsigned + i).storeBytes(of: bytes, as: __m256i.self)
  guard let signed = codes.signed, let groupSums = codes.groupSums else { return }
  UnsafeMutableRawPointer(signed + i).storeBytes(
    of: _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)), as: __m256i.self)
  let eights = _mm256_sad_epu8(bytes, _mm256_setzero_si256())
  let sum = eights[0] &+ eights[1] &+ eights[2] &+ eights[3]
  groupSums[i &>> 5] = Int32(truncatingIfNeeded: sum) &- 32 &* 128
}

/// Undoes the order of 32 bytes packed from four registers of words: packing works within 128 bits.
@inline(__always)
func wordsInOrder(_ packed: __m256i) -> __m256i {
  _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
}
