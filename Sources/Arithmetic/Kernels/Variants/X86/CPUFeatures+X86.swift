import CIntrinsics

extension CPUFeatures {
  /// What this CPU and the operating system support.
  package static let detected: Self = {
    var features: Self = []
    if cpu_has_avx2_set() { features.insert(.avx2) }
    if cpu_has_avx512_set() { features.insert(.avx512) }
    return features
  }()
}
