import FloatKernelsAVX2
import FloatKernelsAVX512

extension FloatLinearKernel {
  package static let vectorized = [
    Self(requires: .avx512) {
      floatLinearAVX512($0, rows: $1, w: $2, bias: $3, $4, yStride: $5, n: $6, k: $7)
    },
    Self(requires: .avx2) { floatLinearAVX2($0, rows: $1, w: $2, bias: $3, $4, yStride: $5, n: $6, k: $7) },
  ]
}
