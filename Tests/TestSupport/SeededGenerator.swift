import Vocabulary

/// A generator that knows its seed, so that a failure names what reproduces it.
package struct SeededGenerator: RandomNumberGenerator, Sendable, CustomStringConvertible {
  package let seed: UInt64
  private var words: SplitMix64

  package init(seed: UInt64 = 1) {
    self.seed = seed
    words = SplitMix64(seed: seed)
  }

  package var description: String { "seed \(seed)" }

  package mutating func next() -> UInt64 { words.next() }

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
