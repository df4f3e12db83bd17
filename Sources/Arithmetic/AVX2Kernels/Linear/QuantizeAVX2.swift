import LaneBodies
import ScalarKernels

@inline(never)
package func quantizeRowDynamicAVX2(
  _ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes
) -> Float {
  Lanes.quantizeRowDynamic(row, columns: columns, into: codes)
}

@inline(never)
package func quantizeRowStaticAVX2(
  _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
) {
  Lanes.quantizeRowStatic(row, columns: columns, quantization, into: codes)
}

@inline(never)
package func quantizeLayerNormAVX2(
  _ x: UnsafePointer<Float>, rows: Int, _ norm: LayerNormConstants, _ quantization: StaticQuantization,
  into codes: CodeRows
) {
  Lanes.quantizeLayerNorm(x, rows: rows, norm, quantization, into: codes)
}
