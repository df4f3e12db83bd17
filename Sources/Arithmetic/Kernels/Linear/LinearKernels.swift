import ScalarKernels

/// Turns one row of float32 into codes; see ``quantizeRowDynamic(_:columns:into:)`` for the definition.
package struct QuantizeRowKernel: KernelVariant {
  package let requires: InstructionSet
  /// `(row, columns, codes) -> scale`.
  package let dynamic: @Sendable (UnsafePointer<Float>, Int, RowCodes) -> Float
  /// `(row, columns, quantization, codes)`.
  package let fixed: @Sendable (UnsafePointer<Float>, Int, StaticQuantization, RowCodes) -> Void
  /// `(rows, stride, count, gelu, codes)`: the codes of their GELU.
  package let gelu: @Sendable (UnsafePointer<Float>, Int, Int, FixedPointGELU, CodeRows) -> Void
  /// `(rows, count, norm, quantization, codes)`: the codes of their layer norms.
  package let layerNorm:
    @Sendable (UnsafePointer<Float>, Int, LayerNormConstants, StaticQuantization, CodeRows) -> Void
  /// `(pixels, grid, patches, quantization, codes, scratch)`: the codes of their patches.
  package let patches:
    @Sendable (
      PatchPixels, PatchGrid, Range<Int>, StaticQuantization, CodeRows, UnsafeMutablePointer<Float>
    ) -> Void

  package static let scalar = Self(
    requires: .scalar, dynamic: { quantizeRowDynamic($0, columns: $1, into: $2) },
    fixed: { quantizeRowStatic($0, columns: $1, $2, into: $3) },
    gelu: { quantizeGELU($0, stride: $1, rows: $2, $3, into: $4) },
    layerNorm: { quantizeLayerNorm($0, rows: $1, $2, $3, into: $4) },
    patches: {
      quantizePatches($0, $1, $2, $3, into: $4, scratch: $5) {
        quantizeRowStatic($0, columns: $1, $2, into: $3)
      }
    })
}

/// Multiplies quantized rows by 8-bit weights; see ``int8Panel(_:_:_:)`` for the definition.
package struct Int8PanelKernel: KernelVariant {
  package let requires: InstructionSet
  package let multiply: @Sendable (QuantizedRows, Int8Blocks, PanelOutput) -> Void
  /// Where there is one: the way to the codes of GELU without floats in between, with the same bits.
  package let gelu: GELU?

  /// Unsigned codes of GELU from accumulators, for rows of one scale.
  package struct GELU: Sendable {
    /// For so many rows or more.
    package let minRows: Int
    /// `(rows, weights, constants, gelu, codes)`.
    package let multiply: @Sendable (QuantizedRows, Int8Blocks, PanelOutput, FixedPointGELU, CodeRows) -> Void
  }

  package static let scalar = Self(requires: .scalar, multiply: { int8Panel($0, $1, $2) }, gelu: nil)
}

/// Multiplies quantized rows by two-level 4-bit weights; see ``int4Panel(_:_:_:)`` and
/// ``unpackInt4(_:blocks:into:)``.
package struct Int4PanelKernel: KernelVariant {
  package let requires: InstructionSet
  /// Which codes of the rows ``multiply`` reads.
  package let form: ActivationForm
  /// Straight from the packed codes.
  package let multiply: @Sendable (QuantizedRows, Int4Blocks, PanelOutput) -> Void
  /// Where there is one: the faster way for many rows, with the same bits.
  package let bulk: Bulk?

  /// To the 8-bit layout, a panel at a time, and then the 8-bit kernel.
  package struct Bulk: Sendable {
    /// Worth it from this many rows on.
    package let minRows: Int
    /// `(weights, blocks, output)`.
    package let unpack: @Sendable (Int4Blocks, Int, UnsafeMutablePointer<Int8>) -> Void
  }

  package static let scalar = Self(
    requires: .scalar, form: .signed, multiply: { int4Panel($0, $1, $2) }, bulk: nil)
}

/// The kernels of linear layers, one variant of each family.
///
/// A class, so that the pieces of a loop share one address, not a function with its context for each kernel.
package final class LinearKernels: Sendable {
  package let quantize: QuantizeRowKernel
  package let int8: Int8PanelKernel
  package let int4: Int4PanelKernel

  /// What `QUANTD_ISA` and this CPU allow.
  package static let selected = LinearKernels(quantize: .select(), int8: .select(), int4: .select())

  private init(quantize: QuantizeRowKernel, int8: Int8PanelKernel, int4: Int4PanelKernel) {
    (self.quantize, self.int8, self.int4) = (quantize, int8, int4)
  }

  /// The variants written for `set`.
  ///
  /// - Precondition: This CPU runs `set`.
  package static func variants(for set: InstructionSet) -> LinearKernels {
    precondition(
      InstructionSet.runnable.contains(set), "LinearKernels: this CPU does not run \(set.rawValue)")
    return LinearKernels(quantize: .select(for: set), int8: .select(for: set), int4: .select(for: set))
  }
}
