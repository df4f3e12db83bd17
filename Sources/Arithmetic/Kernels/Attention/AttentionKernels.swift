import ScalarKernels

/// Rounds K and V to float16 and quantizes full pages of them.
package struct SealPageKernel: KernelVariant {
  package let requires: InstructionSet
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

  package static let scalar = Self(requires: .scalar, half: ScalarKernels.storeHalf, seal: sealPage)
  package static let best = select()

  /// Rounds `rows` rows of floats, `stride` apart, to float16 rows of `format.channels`, zeros beyond the
  /// head size.
  package func storeHalf(
    _ format: PageFormat, source: UnsafePointer<Float>, stride: Int, rows: Int,
    target: UnsafeMutablePointer<Float16>
  ) {
    half(source, stride, rows, format.headSize, format.channels, target)
  }

  /// Quantizes `[64][channels]` keys and values into `page`: `format.byteCount`
  /// bytes, aligned to 64.
  package func callAsFunction(
    _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
    page: UnsafeMutableRawPointer
  ) {
    seal(format, keys, values, page)
  }
}

/// Attention of the rows that share a kv-head to its sealed pages.
package struct AttendPagesKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (
      AttentionNumbers, PageList, _ queries: UnsafePointer<Float>, _ rows: Int,
      _ states: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  package static let scalar = Self(requires: .scalar, body: attendPages)
  package static let best = select()

  /// Bytes of `scratch` that a call needs, aligned to 64.
  package static func scratchByteCount(channels: Int) -> Int { attendPagesScratch(channels: channels) }

  /// Lets each of `rows` queries, `[rows][channels]`, attend to the pages of `list`, and adds the result to its
  /// ``AttentionState``.
  package func callAsFunction(
    _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
    states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    body(numbers, list, queries, rows, states, scratch)
  }
}

/// The rows, keys and values of attention to an unfinished page; see ``AttendTailKernel``.
package typealias TailRows = ScalarKernels.TailRows

/// Attention to a token's own, unfinished page, which is kept in float16.
package struct AttendTailKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (TailRows, _ states: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutableRawPointer) -> Void

  package static let scalar = Self(requires: .scalar, body: attendTail)
  package static let best = select()

  /// Overwrites the ``AttentionState`` of every row.
  ///
  /// - Parameter scratch: As much as ``AttendPagesKernel`` needs.
  package func callAsFunction(
    _ rows: TailRows, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    body(rows, states, scratch)
  }
}

/// Adds states of the same rows over different tokens, and turns them into results.
package struct MergeStatesKernel: KernelVariant {
  package let requires: InstructionSet
  let merge:
    @Sendable (
      _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, _ rows: Int, _ channels: Int
    ) -> Void
  let finish:
    @Sendable (_ state: UnsafePointer<Float>, _ count: Int, _ output: UnsafeMutablePointer<Float>) -> Void

  package static let scalar = Self(requires: .scalar, merge: mergeStates, finish: finishState)
  package static let best = select()

  /// Adds `other` to `total`, row by row.
  package func callAsFunction(
    _ total: UnsafeMutablePointer<Float>, adding other: UnsafePointer<Float>, rows: Int, channels: Int
  ) {
    merge(total, other, rows, channels)
  }

  /// Writes the first `count` channels of one row's result, the weighted mean of V.
  package func finish(
    _ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
  ) {
    finish(state, count, output)
  }
}
