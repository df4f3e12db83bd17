import AVX2Kernels
import AVX512Kernels
import ScalarKernels

public typealias HeadFormat = ScalarKernels.HeadFormat
public typealias HeadRows = ScalarKernels.HeadRows

extension AttentionScheme {
  /// The layout of one head's codes in an image of `tokens` tokens.
  public func headFormat(headSize: Int, tokens: Int) -> HeadFormat {
    HeadFormat(tokens: tokens, headSize: headSize, keyBits: keyBits, valueBits: valueBits)
  }
}

/// Quantizes K and V of one head of one image, over all its tokens.
public struct PrepareHeadKernel: KernelVariant {
  public let requires: InstructionSet
  let body:
    @Sendable (
      HeadFormat, _ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>, _ stride: Int,
      _ head: UnsafeMutableRawPointer
    ) -> Void

  public static let all = [
    Self(requires: .avx512, body: prepareHeadAVX512),
    Self(requires: .avx2, body: prepareHeadAVX2),
    Self(requires: .scalar, body: prepareHead),
  ]
  public static let best = select()

  /// Writes `format.byteCount` bytes, aligned to 64, from `format.tokens` rows of K and V, `stride` floats
  /// apart.
  public func callAsFunction(
    _ format: HeadFormat, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int,
    head: UnsafeMutableRawPointer
  ) {
    body(format, keys, values, stride, head)
  }
}

/// Attention of any rows of an image to all its tokens, in one head.
public struct AttendHeadKernel: KernelVariant {
  public let requires: InstructionSet
  let body:
    @Sendable (
      AttentionNumbers, HeadFormat, _ head: UnsafeRawPointer, HeadRows, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  public static let all = [
    Self(requires: .avx512, body: attendHeadAVX512),
    Self(requires: .avx2, body: attendHeadAVX2),
    Self(requires: .scalar, body: attendHead),
  ]
  public static let best = select()

  /// Writes the result of every row; `head` is prepared, `scratch` has `format.scratchByteCount` bytes aligned
  /// to 64.
  public func callAsFunction(
    _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
    scratch: UnsafeMutableRawPointer
  ) {
    body(numbers, format, head, rows, scratch)
  }
}
