import AVX2Kernels
import AVX512Kernels

extension GELUKernel {
  package static let vectorized = [
    Self(requires: .avx512) { geluAVX512($0, $1, count: $2) },
    Self(requires: .avx2) { geluAVX2($0, $1, count: $2) },
  ]
}

extension SiLUGateKernel {
  package static let vectorized = [
    Self(requires: .avx512) { siluGateAVX512($0, $1, $2, count: $3) },
    Self(requires: .avx2) { siluGateAVX2($0, $1, $2, count: $3) },
  ]
}

extension GELUTanhGateKernel {
  package static let vectorized = [
    Self(requires: .avx512) { geluTanhGateAVX512($0, $1, $2, count: $3) },
    Self(requires: .avx2) { geluTanhGateAVX2($0, $1, $2, count: $3) },
  ]
}

extension SoftCapKernel {
  package static let vectorized = [
    Self(requires: .avx512) { softCapAVX512($0, count: $1, cap: $2) },
    Self(requires: .avx2) { softCapAVX2($0, count: $1, cap: $2) },
  ]
}

extension AddKernel {
  package static let vectorized = [
    Self(requires: .avx512) { addAVX512($0, to: $1, count: $2) },
    Self(requires: .avx2) { addAVX2($0, to: $1, count: $2) },
  ]
}

extension HadamardKernel {
  package static let vectorized = [
    Self(requires: .avx512) { hadamardAVX512($0, count: $1, mixed: $2) },
    Self(requires: .avx2) { hadamardAVX2($0, count: $1, mixed: $2) },
  ]
}

extension RMSNormKernel {
  package static let vectorized = [
    Self(requires: .avx512) { rmsNormAVX512($0, weight: $1, $2, count: $3, epsilon: $4) },
    Self(requires: .avx2) { rmsNormAVX2($0, weight: $1, $2, count: $3, epsilon: $4) },
  ]
}

extension LayerNormKernel {
  package static let vectorized = [
    Self(requires: .avx512) { layerNormAVX512($0, weight: $1, bias: $2, $3, count: $4, epsilon: $5) },
    Self(requires: .avx2) { layerNormAVX2($0, weight: $1, bias: $2, $3, count: $4, epsilon: $5) },
  ]
}

extension RotaryKernel {
  package static let vectorized = [
    Self(requires: .avx512) { rotaryAVX512($0, cosines: $1, sines: $2, heads: $3, d: $4) },
    Self(requires: .avx2) { rotaryAVX2($0, cosines: $1, sines: $2, heads: $3, d: $4) },
  ]
}

extension MaxIndexKernel {
  package static let vectorized = [
    Self(requires: .avx512) { maxIndexAVX512($0, count: $1) },
    Self(requires: .avx2) { maxIndexAVX2($0, count: $1) },
  ]
}

extension TopKKernel {
  package static let vectorized = [
    Self(requires: .avx512) { firstIndexAVX512(in: $0, from: $1, count: $2, above: $3) },
    Self(requires: .avx2) { firstIndexAVX2(in: $0, from: $1, count: $2, above: $3) },
  ]
}

extension SoftmaxKernel {
  package static let vectorized = [
    Self(requires: .avx512) { softmaxAVX512($0, $1, count: $2, inverseTemperature: $3) },
    Self(requires: .avx2) { softmaxAVX2($0, $1, count: $2, inverseTemperature: $3) },
  ]
}

extension LogSumExpKernel {
  package static let vectorized = [
    Self(requires: .avx512) { logSumExpAVX512($0, count: $1) },
    Self(requires: .avx2) { logSumExpAVX2($0, count: $1) },
  ]
}
