import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

/// How Llama 3 stretches the angles of a model trained on shorter contexts (`rope_type: llama3`).
///
/// Frequencies with wavelengths below `originalContext / highFrequencyFactor` stay, those above
/// `originalContext / lowFrequencyFactor` are divided by `factor`, and those between are blended.
package struct RotaryScaling: Sendable, Hashable {
  package var factor: Double
  package var lowFrequencyFactor: Double
  package var highFrequencyFactor: Double
  package var originalContext: Int

  package init(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int)
  {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalContext = originalContext
  }

  /// The frequency that replaces `frequency` (radians per token).
  func scaled(_ frequency: Double) -> Double {
    let wavelength = 2 * Double.pi / frequency
    let original = Double(originalContext)
    if wavelength < original / highFrequencyFactor { return frequency }
    if wavelength > original / lowFrequencyFactor { return frequency / factor }
    let share = (original / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return (1 - share) * frequency / factor + share * frequency
  }
}

/// Cosines and sines of the rotary angles `position · theta^(−2i/d)`, computed in double and rounded once.
///
/// Immutable, so any thread reads it; `context · d` floats.
package struct RotaryTable: Sendable {
  package let context: Int
  /// Pairs per head, `d / 2`.
  package let pairs: Int
  private let storage: AlignedStorage

  /// Computes the table; O(`context · headDimension`).
  ///
  /// - Parameters:
  ///   - headDimension: Channels per head, even.
  ///   - context: Positions 0 ..< `context`.
  ///   - theta: Base of the frequencies, positive.
  ///   - scaling: The Llama 3 stretch, or nil.
  package init(headDimension: Int, context: Int, theta: Double, scaling: RotaryScaling? = nil) {
    precondition(
      headDimension >= 0 && headDimension % 2 == 0 && context >= 0 && theta > 0,
      "RotaryTable: head dimension \(headDimension), context \(context), theta \(theta)")
    self.context = context
    pairs = headDimension / 2
    storage = AlignedStorage(byteCount: context * headDimension * MemoryLayout<Float>.stride)
    let table = storage.pointer(to: Float.self)
    for i in 0..<pairs {
      let plain = pow(theta, -2 * Double(i) / Double(headDimension))
      let frequency = scaling?.scaled(plain) ?? plain
      for position in 0..<context {
        let angle = Double(position) * frequency
        table[position * headDimension + i] = Float(cos(angle))
        table[position * headDimension + pairs + i] = Float(sin(angle))
      }
    }
  }

  /// `[pairs]` cosines of `position`; valid while the table lives.
  package func cosines(at position: Int) -> UnsafePointer<Float> {
    precondition(position >= 0 && position < context, "RotaryTable: position \(position) of \(context)")
    return UnsafePointer(storage.pointer(to: Float.self) + position * pairs * 2)
  }

  /// `[count, 2, pairs]`: cosines and sines of `count` positions from `first` on; valid while the table lives.
  package func angles(from first: Int, count: Int) -> UnsafePointer<Float> {
    precondition(first + count <= context, "RotaryTable: position \(first + count - 1) of \(context)")
    return cosines(at: first)
  }

  /// `[pairs]` sines of `position`; valid while the table lives.
  package func sines(at position: Int) -> UnsafePointer<Float> { cosines(at: position) + pairs }
}
