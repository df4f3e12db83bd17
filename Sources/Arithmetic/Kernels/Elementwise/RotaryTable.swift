import Architectures
import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

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
  package init(
    headDimension: Int, context: Int, theta: Double, scaling: DecoderConfiguration.RopeScaling? = nil
  ) {
    precondition(
      headDimension >= 0 && headDimension % 2 == 0 && context >= 0 && theta > 0,
      "RotaryTable: head dimension \(headDimension), context \(context), theta \(theta)")
    let frequencies = (0..<headDimension / 2).map { pair in
      let plain = pow(theta, -2 * Double(pair) / Double(headDimension))
      return scaling?.scaled(plain) ?? plain
    }
    self.init(frequencies: frequencies, context: context)
  }

  /// Computes the table of any frequencies; O(`context · frequencies`).
  ///
  /// - Parameters:
  ///   - frequencies: Radians per token of each pair.
  ///   - magnitude: Multiplies cosines and sines.
  ///   - context: Positions 0 ..< `context`.
  package init(frequencies: [Double], magnitude: Double = 1, context: Int) {
    precondition(context >= 0, "RotaryTable: context \(context)")
    self.context = context
    pairs = frequencies.count
    storage = AlignedStorage(byteCount: context * 2 * pairs * MemoryLayout<Float>.stride)
    let table = storage.pointer(to: Float.self)
    for (i, frequency) in frequencies.enumerated() {
      for position in 0..<context {
        let angle = Double(position) * frequency
        table[position * 2 * pairs + i] = Float(magnitude * cos(angle))
        table[position * 2 * pairs + pairs + i] = Float(magnitude * sin(angle))
      }
    }
  }

  /// `[pairs]` cosines of `position`; valid while the table lives.
  package func cosines(at position: Int) -> UnsafePointer<Float> {
    precondition(position >= 0 && position < context, "RotaryTable: position \(position) of \(context)")
    return UnsafePointer(storage.pointer(to: Float.self) + position * pairs * 2)
  }

  /// `[pairs]` sines of `position`; valid while the table lives.
  package func sines(at position: Int) -> UnsafePointer<Float> { cosines(at: position) + pairs }
}
