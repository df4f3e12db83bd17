/// GELU from float32 to the 8-bit codes of the next layer, in 16-bit integers: what `x · Φ(x)` has as codes, within a
/// twentieth of a code for the ranges of real layers.
///
/// `x · Φ(x) = max(x, 0) + r(|x|)` with `r(u) = u · (Φ(u) − 1)`, which is 0 but for rounding from u = 4 on. `x` becomes an integer of
/// `stepsPerUnit` steps, a power of two; r is a line in each of 64 segments of |x|, 1/16 wide. The sum is in codes, of which
/// each has `2^fraction` parts.
public struct FixedPointGELU: Sendable {
  public let stepsPerUnit: Float
  /// A segment has `2^segmentShift` steps.
  public let segmentShift: Int
  /// The last step of the last segment; beyond it r stays as it is there.
  public let lastStep: Int16
  /// Each segment's line: its value at 0 in parts in the low half, with the code of 0 and a half to round by; its slope in
  /// 2⁻¹⁵ parts a step in the high half.
  public let segments: SIMD64<Int32>
  /// 2⁻¹⁵ parts a step of `max(x, 0)`.
  public let slope: Int16
  public let fraction: Int

  /// Steps as fine as 16 bits allow where they hold ±4 and the largest code, but never coarser than half a code: where codes
  /// are finer than 1/4,096, values beyond the steps count as the last of them.
  ///
  /// - Complexity: O(1), some 10,000 operations.
  public init(_ codes: StaticQuantization) {
    let top = max(4, (255 - codes.zero) / codes.inverse)
    let exponent = min(max((0x8000 / top).exponent, codes.inverse.exponent + 2, -100), 100)
    stepsPerUnit = Float(sign: .plus, exponent: exponent, significand: 1)
    segmentShift = min(max(exponent - 4, 0), 9)
    lastStep = Int16(64 << segmentShift - 1)
    fraction = min(max((stepsPerUnit / codes.inverse).exponent, 1), 7)
    let parts = Double(1 << fraction)
    let line = SegmentLines(
      width: Double(1 << segmentShift) / Double(stepsPerUnit), stepsPerUnit: Double(stepsPerUnit),
      partsPerUnit: parts * Double(codes.inverse),
      start: parts * (Double(codes.zero) + 0.5))
    slope = int16(0x8000 * line.partsPerStep)
    segments = SIMD64((0..<64).map { line[$0] })
  }

  /// The code of `x · Φ(x)`, 0…255; NaN has that of 0, as −∞.
  public func code(_ x: Float) -> Int32 {
    let steps = x * stepsPerUnit
    let rounded = steps > -0x8000 ? Int32(min(steps, 0x7fff).rounded(.toNearestOrEven)) : -0x8000
    let magnitude = min(abs(rounded), Int32(lastStep))
    let segment = segments[Int(magnitude >> Int32(segmentShift))]
    let line = Int32(Int16(truncatingIfNeeded: segment)) + Self.product(magnitude, segment >> 16)
    return min(max((line + Self.product(max(rounded, 0), Int32(slope))) >> Int32(fraction), 0), 255)
  }

  /// `a · b · 2⁻¹⁵` rounded, a half upwards: what `vpmulhrsw` does.
  private static func product(_ a: Int32, _ b: Int32) -> Int32 { (a * b + 0x4000) >> 15 }
}

/// How the segments of a ``FixedPointGELU`` are found: lines that leave the least error within each.
private struct SegmentLines {
  /// Of a segment, in units.
  let width: Double
  let stepsPerUnit, partsPerUnit: Double
  /// Parts of the code of 0, and half a code.
  let start: Double

  var partsPerStep: Double { partsPerUnit / stepsPerUnit }

  /// Intercept and slope of segment `index`, packed.
  subscript(index: Int) -> Int32 {
    let (from, to) = (Double(index) * width, Double(index + 1) * width)
    let middle = (from + to) / 2
    let chord = (residue(to) - residue(from)) / width
    let slope = int16(0x8000 * partsPerStep * chord)
    // Halfway between the chord and the curve, which are farthest apart in the middle.
    let value = ((residue(from) + residue(to)) / 2 + residue(middle)) / 2
    let intercept = int16(start + partsPerUnit * value - Double(slope) * middle * stepsPerUnit / 0x8000)
    return Int32(slope) << 16 | Int32(UInt16(bitPattern: intercept))
  }

  /// `u · (Φ(u) − 1)` by the series of Φ around 0; from 6 on it is less than 1e-8.
  private func residue(_ u: Double) -> Double {
    guard u < 6 else { return 0 }
    var (power, sum, n) = (u, u, 0.0)
    while abs(power) > 1e-18 {
      n += 1
      power *= -u * u / (2 * n)
      sum += power / (2 * n + 1)
    }
    return u * (sum / (2 * Double.pi).squareRoot() - 0.5)
  }
}

/// The nearest integer of 16 bits.
private func int16(_ x: Double) -> Int16 { Int16(min(max(x.rounded(), -0x8000), 0x7fff)) }
