/// This build has no kernels but the definitions, whatever the CPU supports.
extension CPUFeatures {
  package static let detected: Self = []
}

extension KernelVariant {
  package static var vectorized: [Self] { [] }
}
