import CIntrinsics

/// Combines the lanes of sixteen registers: lane i of the result is the halving tree of `LaneSum` over
/// register i.
///
/// A register alone would halve itself with ever fewer useful lanes. Two registers that are halved together
/// fill one again: 45 instructions for all sixteen.
///
/// - Parameter registers: `[16][16]`, aligned to 64 bytes.
@inline(__always)
func combinedLanes(_ registers: UnsafePointer<Float>, _ combine: (__m512, __m512) -> __m512) -> __m512 {
  /// The lower lanes of each `2 · half` of a and b, combined with the upper ones; b's follow a's.
  @inline(__always)
  func halved(_ a: __m512, _ b: __m512, _ lower: SIMD16<Int32>, _ half: Int32) -> __m512 {
    combine(
      _mm512_permutex2var_ps(a, unsafeBitCast(lower, to: __m512i.self), b),
      _mm512_permutex2var_ps(a, unsafeBitCast(lower &+ half, to: __m512i.self), b))
  }
  // Lanes from 16 on are b's.
  let eights = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
  let fours = SIMD16<Int32>(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
  let twos = SIMD16<Int32>(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
  let ones = SIMD16<Int32>(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
  @inline(__always)
  func eight(_ i: Int) -> __m512 {
    halved(_mm512_load_ps(registers + 16 * i), _mm512_load_ps(registers + 16 * (i + 8)), eights, 8)
  }
  @inline(__always)
  func four(_ i: Int) -> __m512 { halved(eight(i), eight(i + 4), fours, 4) }
  return halved(halved(four(0), four(2), twos, 2), halved(four(1), four(3), twos, 2), ones, 1)
}

/// The sums of the lanes of sixteen registers of integers, in the place of floats.
@inline(__always)
func combinedIntegers(_ registers: UnsafePointer<Float>) -> __m512i {
  let sums = combinedLanes(registers) {
    _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512($0), _mm512_castps_si512($1)))
  }
  return _mm512_castps_si512(sums)
}
