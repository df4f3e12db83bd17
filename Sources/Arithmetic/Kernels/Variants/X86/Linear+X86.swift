import AVX2Kernels
import AVX512Kernels
import ScalarKernels

extension QuantizeRowKernel {
  package static let vectorized = [
    Self(
      requires: .avx512, dynamic: { quantizeRowDynamicAVX512($0, columns: $1, into: $2) },
      fixed: { quantizeRowStaticAVX512($0, columns: $1, $2, into: $3) },
      gelu: { quantizeGELUAVX512($0, stride: $1, rows: $2, $3, into: $4) },
      layerNorm: { quantizeLayerNormAVX512($0, rows: $1, $2, $3, into: $4) },
      patches: { quantizePatchesAVX512($0, $1, $2, $3, into: $4, scratch: $5) }),
    Self(
      requires: .avx2, dynamic: { quantizeRowDynamicAVX2($0, columns: $1, into: $2) },
      fixed: { quantizeRowStaticAVX2($0, columns: $1, $2, into: $3) },
      gelu: { quantizeGELUAVX2($0, stride: $1, rows: $2, $3, into: $4) },
      layerNorm: { quantizeLayerNormAVX2($0, rows: $1, $2, $3, into: $4) },
      patches: {
        quantizePatches($0, $1, $2, $3, into: $4, scratch: $5) {
          quantizeRowStaticAVX2($0, columns: $1, $2, into: $3)
        }
      }),
  ]
}

extension Int8PanelKernel {
  package static let vectorized = [
    Self(
      requires: .avx512, multiply: { int8PanelAVX512($0, $1, $2) },
      gelu: GELU(minRows: int8PanelFewRows + 1) { int8PanelGELUAVX512($0, $1, $2, $3, $4) }),
    Self(requires: .avx2, multiply: { int8PanelAVX2($0, $1, $2) }, gelu: nil),
  ]
}

extension Int4PanelKernel {
  package static let vectorized = [
    Self(
      requires: .avx512, form: .unsigned, multiply: { int4PanelAVX512($0, $1, $2) },
      // `int4PanelAVX512` unpacks a line in registers, once for every 16 rows. Up to six times, that costs less
      // than writing the panel to memory once and reading it; beyond, the wider tiles of 8-bit weights win. The
      // border was 9 rows while few rows were multiplied group by group (0002-FewRows). No measurement of it is
      // on record: measure it when either changes.
      bulk: Bulk(minRows: 6 * 16 + 1) { unpackInt4AVX512($0, blocks: $1, into: $2) }),
    // No bulk: products of nibbles add up in 16 bits, which beats the 8-bit kernel at any number of rows
    // (185 against 160 GOP/s).
    Self(requires: .avx2, form: .signed, multiply: { int4PanelAVX2($0, $1, $2) }, bulk: nil),
  ]
}
