import ScalarKernels

/// Turns one row of float32 into codes; see ``quantizeRowDynamic(_:columns:into:)`` for the definition.
package struct QuantizeRowKernel: KernelVariant {
  package let requires: InstructionSet
  /// `(row, columns, codes) -> scale`.
  package let dynamic: @Sendable (UnsafePointer<Float>, Int, RowCodes) -> Float
  /// `(row, columns, quantization, codes)`.
  package let fixed: @Sendable (UnsafePointer<Float>, Int, StaticQuantization, RowCodes) -> Void
  /// `(rows, stride, count, gelu, codes)`: the codes of the rows' GELU.
  package let gelu: @Sendable (UnsafePointer<Float>, Int, Int, FixedPointGELU, CodeRows) -> Void
  /// `(rows, count, norm, quantization, codes)`: the codes of the rows' layer norms.
  package let layerNorm:
    @Sendable (UnsafePointer<Float>, Int, LayerNormConstants, StaticQuantization, CodeRows) -> Void
  /// `(pixels, grid, patches, quantization, codes, scratch)`: the codes of these patches of a picture.
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
  /// Multiplies and gives the codes of GELU without floats in between, with the same bits; nil where the
  /// instruction set has no such kernel.
  package let gelu: GELU?

  /// The kernel that turns accumulators into unsigned codes of GELU, for rows that share one scale.
  package struct GELU: Sendable {
    /// The least number of rows that the kernel takes.
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
  /// Multiplies straight from the packed codes.
  package let multiply: @Sendable (QuantizedRows, Int4Blocks, PanelOutput) -> Void
  /// A faster way for many rows, with the same bits; nil where the instruction set has none.
  package let bulk: Bulk?

  /// Unpacks a panel at a time to the 8-bit layout, which the 8-bit kernel then multiplies.
  package struct Bulk: Sendable {
    /// The number of rows from which unpacking first is faster than ``Int4PanelKernel/multiply``.
    package let minRows: Int
    /// `(weights, blocks, output)`.
    package let unpack: @Sendable (Int4Blocks, Int, UnsafeMutablePointer<Int8>) -> Void
  }

  package static let scalar = Self(
    requires: .scalar, form: .signed, multiply: { int4Panel($0, $1, $2) }, bulk: nil)
}

/// The kernels of linear layers, one variant of each family.
///
/// A class, so that the pieces of a loop share one address instead of a function and its context for each
/// kernel.
package final class LinearKernels: Sendable {
  package let quantize: QuantizeRowKernel
  package let int8: Int8PanelKernel
  package let int4: Int4PanelKernel

  /// The fastest variants that `QUANTD_ISA` and this CPU allow.
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
