import ScalarKernels

/// The weights, biases and epsilon of a layer norm; see ``LayerNormKernel``.
package typealias LayerNormConstants = ScalarKernels.LayerNormConstants

/// How a layer's input is quantized with one scale and zero point for all rows, which were chosen offline.
package struct StaticInput: Sendable {
  /// Units per code; its reciprocal is finite.
  package let scale: Float
  /// The code of 0.0, in 0…255.
  package let zero: Int
  /// `signed` where a 4-bit layer reads the rows.
  package let form: ActivationForm

  package init(scale: Float, zero: Int, form: ActivationForm) {
    precondition((0...255).contains(zero), "StaticInput: zero \(zero) is not in 0...255")
    precondition(scale > 0 && (1 / scale).isFinite, "StaticInput: scale \(scale)")
    self.scale = scale
    self.zero = zero
    self.form = form
  }

  var quantization: StaticQuantization { StaticQuantization(inverse: 1 / scale, zero: Float(zero)) }
}

/// How a layer's input is quantized where it is the GELU of another layer's output.
package struct GELUInput: Sendable {
  package let input: StaticInput
  let gelu: FixedPointGELU

  package init(_ input: StaticInput) {
    self.input = input
    gelu = FixedPointGELU(input.quantization)
  }
}
