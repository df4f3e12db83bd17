import PeakAVX2
import PeakAVX512

extension PeakKernel {
  package static let vectorized = [
    Self(
      requires: .avx512, int8Operations: peakInt8OperationsAVX512, int8: { peakInt8AVX512(rounds: $0) },
      floatOperations: peakFloatOperationsAVX512, float: { peakFloatAVX512(rounds: $0) },
      read: { peakReadAVX512($0, count: $1) }),
    Self(
      requires: .avx2, int8Operations: peakInt8OperationsAVX2, int8: { peakInt8AVX2(rounds: $0) },
      floatOperations: peakFloatOperationsAVX2, float: { peakFloatAVX2(rounds: $0) },
      read: { peakReadAVX2($0, count: $1) }),
  ]
}
