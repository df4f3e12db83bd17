import ScalarKernels

extension LinearLayer {
  /// The most inputs that a layer may have: more could overflow an int32 sum.
  package static var maxInputs: Int { WeightLayout.maxInputs }
}
