/// SplitMix64: small, seeded and the same on every machine, so that a failure names a seed that reproduces it.
public struct SeededGenerator: RandomNumberGenerator, Sendable, CustomStringConvertible {
  public let seed: UInt64
  private var state: UInt64

  public init(seed: UInt64 = 1) {
    self.seed = seed
    state = seed
  }

  public var description: String { "seed \(seed)" }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  public mutating func int8s(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8(truncatingIfNeeded: next()) }
  }
  public mutating func uint8s(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Uniform floats in `range`.
  public mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
