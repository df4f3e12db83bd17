import Architectures
import ScalarKernels

package typealias HeadFormat = ScalarKernels.HeadFormat
package typealias HeadRanges = ScalarKernels.HeadRanges
package typealias HeadRows = ScalarKernels.HeadRows
package typealias KeyValueRows = ScalarKernels.KeyValueRows

extension AttentionScheme {
  /// The layout of one head's codes in an image of `tokens` tokens.
  ///
  /// - Precondition: V has scales per channel.
  package func headFormat(headSize: Int, tokens: Int) -> HeadFormat {
    precondition(valueScale == .channel, "AttentionScheme: V per token within an image")
    return HeadFormat(tokens: tokens, headSize: headSize, keyBits: keyBits, valueBits: valueBits)
  }
}

/// Finds the ranges of K and V of one head, over some of an image's rows.
package struct MeasureHeadKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (HeadFormat, KeyValueRows, _ count: Int, UnsafeMutablePointer<Float>) -> Void

  package static let scalar = Self(requires: .scalar) { measureHead($0, $1, count: $2, into: $3) }

  /// Writes `format.rangeCount` floats, aligned to 64 bytes.
  package func callAsFunction(
    _ format: HeadFormat, _ rows: KeyValueRows, count: Int, into ranges: UnsafeMutablePointer<Float>
  ) {
    body(format, rows, count, ranges)
  }
}

/// Quantizes K and V of one head of one image, for some of its tokens.
package struct PrepareHeadKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (
      HeadFormat, KeyValueRows, _ tokens: Range<Int>, HeadRanges, _ head: UnsafeMutableRawPointer
    ) -> Void

  package static let scalar = Self(requires: .scalar) { prepareHead($0, $1, tokens: $2, $3, head: $4) }

  /// Writes what `tokens` take of `format.byteCount` bytes, aligned to 64; see ``prepareHead(_:_:tokens:_:head:)``.
  package func callAsFunction(
    _ format: HeadFormat, _ rows: KeyValueRows, tokens: Range<Int>, _ ranges: HeadRanges,
    head: UnsafeMutableRawPointer
  ) {
    body(format, rows, tokens, ranges, head)
  }
}

/// Attention of any rows of an image to all its tokens, in one head.
package struct AttendHeadKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (
      AttentionNumbers, HeadFormat, _ head: UnsafeRawPointer, HeadRows, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  package static let scalar = Self(requires: .scalar, body: attendHead)
  package static let best = select()

  /// Writes the result of every row; `head` is prepared, `scratch` has `format.scratchByteCount` bytes aligned
  /// to 64.
  package func callAsFunction(
    _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
    scratch: UnsafeMutableRawPointer
  ) {
    body(numbers, format, head, rows, scratch)
  }
}
