import LaneBodies
import ScalarKernels

@inline(never)
package func storeHalfAVX2(
  _ source: UnsafePointer<Float>, sourceStride: Int, rows: Int, headSize: Int, channels: Int,
  target: UnsafeMutablePointer<Float16>
) {
  Lanes.storeHalf(
    source, sourceStride: sourceStride, rows: rows, headSize: headSize, channels: channels, target: target)
}

@inline(never)
package func sealPageAVX2(
  _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
  page: UnsafeMutableRawPointer
) {
  Lanes.sealPage(format, keys: keys, values: values, page: page)
}

@inline(never)
package func mergeStatesAVX2(
  _ total: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, channels: Int
) {
  Lanes.mergeStates(total, other, rows: rows, channels: channels)
}

@inline(never)
package func finishStateAVX2(
  _ state: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
) {
  Lanes.finishState(state, count: count, output: output)
}
