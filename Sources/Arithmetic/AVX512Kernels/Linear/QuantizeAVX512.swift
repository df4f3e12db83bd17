import LaneBodies
import ScalarKernels

@inline(never)
package func quantizeRowDynamicAVX512(
  _ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes
) -> Float {
  Lanes.quantizeRowDynamic(row, columns: columns, into: codes)
}

@inline(never)
package func quantizeRowStaticAVX512(
  _ row: UnsafePointer<Float>, columns: Int, _ quantization: StaticQuantization, into codes: RowCodes
) {
  Lanes.quantizeRowStatic(row, columns: columns, quantization, into: codes)
}
