/// Sixteen sums of samples times weights, in four groups of four; each step adds two products to each sum.
///
/// Every instruction set multiplies 16-bit numbers quickly, and x86 adds neighbouring products in the same
/// instruction, so weights are taken in two parts of 16 bits (``Weights/Pair``). The result is exact, because
/// the whole sum fits 32 bits: an overflow on the way only loses bits above them, and of the sums of upper
/// parts only 16 bits count.
struct WeightedSums {
  private var sums = (Sums(), Sums(), Sums(), Sums())

  /// Adds pairs of neighbouring samples, each times the pair of weights.
  @inline(__always)
  mutating func add(
    _ first: SIMD8<Int16>, _ second: SIMD8<Int16>, _ third: SIMD8<Int16>, _ fourth: SIMD8<Int16>,
    _ weights: Weights.Pair
  ) {
    sums.0.add(first, weights)
    sums.1.add(second, weights)
    sums.2.add(third, weights)
    sums.3.add(fourth, weights)
  }

  /// Writes the first `count` times four samples, `stride` bytes apart.
  @inline(__always)
  func write(to output: UnsafeMutableRawPointer, stride: Int, count: Int) {
    output.storeBytes(of: sums.0.samples, as: SIMD4<UInt8>.self)
    if count > 1 { (output + stride).storeBytes(of: sums.1.samples, as: SIMD4<UInt8>.self) }
    if count > 2 { (output + 2 &* stride).storeBytes(of: sums.2.samples, as: SIMD4<UInt8>.self) }
    if count > 3 { (output + 3 &* stride).storeBytes(of: sums.3.samples, as: SIMD4<UInt8>.self) }
  }
}

private struct Sums {
  /// The sums of lower parts. They begin with a half, so that the shift at the end rounds.
  private var low = SIMD4<Int32>(repeating: 1 << (Weights.fractionBits - 1))
  /// The sums of upper parts, two for each sum, which ``samples`` adds up.
  private var high = SIMD8<Int16>()

  @inline(__always)
  mutating func add(_ samples: SIMD8<Int16>, _ weights: Weights.Pair) {
    let products = SIMD8<Int32>(truncatingIfNeeded: samples) &* SIMD8<Int32>(truncatingIfNeeded: weights.low)
    low &+= products.evenHalf &+ products.oddHalf
    high &+= samples &* weights.high
  }

  /// The sums, clipped to 8 bits.
  @inline(__always)
  var samples: SIMD4<UInt8> {
    // The two parts of a sum are the halves of a word.
    let high = unsafeBitCast(high, to: SIMD4<UInt32>.self)
    let sums = low &+ SIMD4(truncatingIfNeeded: (high &<< 16) &+ (high & 0xffff_0000))
    let whole = (sums &>> Weights.fractionBits).clamped(
      lowerBound: SIMD4(), upperBound: SIMD4(repeating: 255))
    return SIMD4(truncatingIfNeeded: whole)
  }
}
