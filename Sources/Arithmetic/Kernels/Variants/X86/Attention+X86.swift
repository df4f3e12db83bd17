import AVX2Kernels
import AVX512Kernels

extension MeasureHeadKernel {
  package static let vectorized = [
    Self(requires: .avx512) { measureHeadAVX512($0, $1, count: $2, into: $3) },
    Self(requires: .avx2) { measureHeadAVX2($0, $1, count: $2, into: $3) },
  ]
}

extension PrepareHeadKernel {
  package static let vectorized = [
    Self(requires: .avx512) { prepareHeadAVX512($0, $1, tokens: $2, $3, head: $4) },
    Self(requires: .avx2) { prepareHeadAVX2($0, $1, tokens: $2, $3, head: $4) },
  ]
}

extension AttendHeadKernel {
  package static let vectorized = [
    Self(requires: .avx512, body: attendHeadAVX512),
    Self(requires: .avx2, body: attendHeadAVX2),
  ]
}

extension SealPageKernel {
  package static let vectorized = [
    Self(requires: .avx512, half: storeHalfAVX512, seal: sealPageAVX512),
    Self(requires: .avx2, half: storeHalfAVX2, seal: sealPageAVX2),
  ]
}

extension AttendPagesKernel {
  package static let vectorized = [
    Self(requires: .avx512, body: attendPagesAVX512),
    Self(requires: .avx2, body: attendPagesAVX2),
  ]
}

extension AttendTailKernel {
  package static let vectorized = [
    Self(requires: .avx512, body: attendTailAVX512),
    Self(requires: .avx2, body: attendTailAVX2),
  ]
}

extension MergeStatesKernel {
  package static let vectorized = [
    Self(requires: .avx512, merge: mergeStatesAVX512, finish: finishStateAVX512),
    Self(requires: .avx2, merge: mergeStatesAVX2, finish: finishStateAVX2),
  ]
}
