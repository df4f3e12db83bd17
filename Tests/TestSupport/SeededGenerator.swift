/// SplitMix64: small, seeded and the same on every machine, so that a failure names a seed that reproduces it.
package struct SeededGenerator: RandomNumberGenerator, Sendable, CustomStringConvertible {
  package let seed: UInt64
  private var state: UInt64

  package init(seed: UInt64 = 1) {
    self.seed = seed
    state = seed
  }

  package var description: String { "seed \(seed)" }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  package mutating func int8s(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8(truncatingIfNeeded: next()) }
  }
  package mutating func uint8s(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Uniform floats in `range`.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
