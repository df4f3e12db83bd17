import LaneBodies

// The bodies of LaneBodies with this module's lanes. None is generic, so that none of this module's instructions can end
// up in code that others share, and each is a call of its own: a row, not a lane.

@inline(never)
package func geluAVX512(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  Lanes.gelu(x, y, count: count)
}

@inline(never)
package func siluGateAVX512(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  Lanes.siluGate(gate, up, y, count: count)
}

@inline(never)
package func geluTanhGateAVX512(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  Lanes.geluTanhGate(gate, up, y, count: count)
}

@inline(never)
package func softCapAVX512(_ x: UnsafeMutablePointer<Float>, count: Int, cap: Float) {
  Lanes.softCap(x, count: count, cap: cap)
}

@inline(never)
package func rotaryAVX512(
  _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
  d: Int
) {
  Lanes.rotary(x, cosines: cosines, sines: sines, heads: heads, d: d)
}

@inline(never)
package func addAVX512(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
  Lanes.add(x, to: y, count: count)
}

@inline(never)
package func rmsNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  epsilon: Float
) {
  Lanes.rmsNorm(x, weight: weight, y, count: count, epsilon: epsilon)
}

@inline(never)
package func layerNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
) {
  Lanes.layerNorm(x, weight: weight, bias: bias, y, count: count, epsilon: epsilon)
}

@inline(never)
package func maxIndexAVX512(_ x: UnsafePointer<Float>, count: Int) -> Int { Lanes.maxIndex(x, count: count) }

@inline(never)
package func firstIndexAVX512(
  in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
) -> Int {
  Lanes.firstIndex(in: x, from: start, count: count, above: threshold)
}

@inline(never)
package func softmaxAVX512(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float
) {
  Lanes.softmax(x, y, count: count, inverseTemperature: inverseTemperature)
}

@inline(never)
package func logSumExpAVX512(_ x: UnsafePointer<Float>, count: Int) -> Float {
  Lanes.logSumExp(x, count: count)
}

@inline(never)
package func hadamardAVX512(_ x: UnsafeMutablePointer<Float>, count: Int, mixed: Int) {
  Lanes.hadamard(x, count: count, mixed: mixed)
}
