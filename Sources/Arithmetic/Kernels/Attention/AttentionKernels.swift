import AVX2Kernels
import AVX512Kernels
import ScalarKernels

/// Rounds K and V to float16 and quantizes full pages of them.
public struct SealPageKernel: KernelVariant {
  public let requires: InstructionSet
  let half:
    @Sendable (
      _ source: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ headSize: Int, _ channels: Int,
      _ target: UnsafeMutablePointer<Float16>
    ) -> Void
  let seal:
    @Sendable (
      PageFormat, _ keys: UnsafePointer<Float16>, _ values: UnsafePointer<Float16>,
      _ page: UnsafeMutableRawPointer
    ) -> Void

  public static let all = [
    Self(requires: .avx512, half: storeHalfAVX512, seal: sealPageAVX512),
    Self(requires: .avx2, half: storeHalfAVX2, seal: sealPageAVX2),
    Self(requires: .scalar, half: ScalarKernels.storeHalf, seal: sealPage),
  ]
  public static let best = select()

  /// Rounds `rows` rows of floats, `stride` apart, to float16 rows of `format.channels`, zeros beyond the
  /// head size.
  public func storeHalf(
    _ format: PageFormat, source: UnsafePointer<Float>, stride: Int, rows: Int,
    target: UnsafeMutablePointer<Float16>
  ) {
    half(source, stride, rows, format.headSize, format.channels, target)
  }

  /// Quantizes `[64][channels]` keys and values into `page`: `format.byteCount`
  /// bytes, aligned to 64.
  public func callAsFunction(
    _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
    page: UnsafeMutableRawPointer
  ) {
    seal(format, keys, values, page)
  }
}

/// Attention of the rows that share a kv-head to its sealed pages.
public struct AttendPagesKernel: KernelVariant {
  public let requires: InstructionSet
  let body:
    @Sendable (
      AttentionNumbers, PageList, _ queries: UnsafePointer<Float>, _ rows: Int,
      _ states: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  public static let all = [
    Self(requires: .avx512, body: attendPagesAVX512),
    Self(requires: .avx2, body: attendPagesAVX2),
    Self(requires: .scalar, body: attendPages),
  ]
  public static let best = select()

  /// Bytes of `scratch` that a call needs, aligned to 64.
  public static func scratchByteCount(channels: Int) -> Int { attendPagesScratch(channels: channels) }

  /// Adds what each of `rows` queries, `[rows][channels]`, sees in `list` to its ``AttentionState``.
  public func callAsFunction(
    _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
    states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    body(numbers, list, queries, rows, states, scratch)
  }
}

/// The rows, keys and values of attention to an unfinished page; see ``AttendTailKernel``.
public typealias TailRows = ScalarKernels.TailRows

/// Attention to a token's own, unfinished page, which is kept in float16.
public struct AttendTailKernel: KernelVariant {
  public let requires: InstructionSet
  let body:
    @Sendable (TailRows, _ states: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutableRawPointer) -> Void

  public static let all = [
    Self(requires: .avx512, body: attendTailAVX512),
    Self(requires: .avx2, body: attendTailAVX2),
    Self(requires: .scalar, body: attendTail),
  ]
  public static let best = select()

  /// Overwrites the ``AttentionState`` of every row.
  ///
  /// - Parameter scratch: As much as ``AttendPagesKernel`` needs.
  public func callAsFunction(
    _ rows: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    body(rows, states, scratch)
  }
}

/// Adds states of the same rows over different tokens, and turns them into results.
public struct MergeStatesKernel: KernelVariant {
  public let requires: InstructionSet
  let merge:
    @Sendable (
      _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, _ rows: Int, _ channels: Int
    ) -> Void
  let finish:
    @Sendable (_ state: UnsafePointer<Float>, _ count: Int, _ output: UnsafeMutablePointer<Float>) -> Void

  public static let all = [
    Self(requires: .avx512, merge: mergeStatesAVX512, finish: finishStateAVX512),
    Self(requires: .avx2, merge: mergeStatesAVX2, finish: finishStateAVX2),
    Self(requires: .scalar, merge: mergeStates, finish: finishState),
  ]
  public static let best = select()

  /// Adds `other` to `total`, row by row.
  public func callAsFunction(
    _ total: UnsafeMutablePointer<Float>, adding other: UnsafePointer<Float>, rows: Int, channels: Int
  ) {
    merge(total, other, rows, channels)
  }

  /// Writes the first `count` channels of one row's result, the weighted mean of V.
  public func finish(
    _ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
  ) {
    finish(state, count, output)
  }
}
