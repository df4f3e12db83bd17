extension SeededGenerator {
  /// Floats that break careless kernels: every bit pattern, and every third value NaN, ±∞, ±0, denormal or
  /// huge.
  package mutating func hostileFloats(_ count: Int) -> [Float] {
    let extremes: [Float] = [
      .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 126, -126, 126.5, -126.5,
      88, -88,
    ]
    return (0..<count).map { _ in
      let bits = next()
      return bits % 3 == 0
        ? extremes[Int(bits >> 32) % extremes.count]
        : Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 32))
    }
  }

  /// The inputs that every float kernel is compared on: ordinary ones first, then tiny ones and hostile ones.
  package mutating func floatCases(_ count: Int) -> [[Float]] {
    [
      floats(count, in: -4...4), floats(count, in: -1e-25...1e-25), hostileFloats(count),
      hostileFloats(count),
    ]
  }
}

/// The first index at which two rows differ in bits, or nil; any two NaN count as equal, because IEEE 754
/// leaves open which of two NaN an addition returns.
package func firstDifference(_ actual: [Float], _ expected: [Float]) -> Int? {
  if actual.count != expected.count { return min(actual.count, expected.count) }
  return actual.indices.first { !sameBits(actual[$0], expected[$0]) }
}

/// Whether two floats have the same bits, or both are NaN.
package func sameBits(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }
