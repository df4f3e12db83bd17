import ScalarKernels

/// What a layer norm multiplies and adds; see ``LayerNormKernel``.
public typealias LayerNormConstants = ScalarKernels.LayerNormConstants

/// How a layer's input is quantized when that was decided offline: one scale and zero point for all rows.
public struct StaticInput: Sendable {
  /// Units per code; its reciprocal is finite.
  public let scale: Float
  /// The code of 0.0, in 0…255.
  public let zero: Int
  /// `signed` where a 4-bit layer reads the rows.
  public let form: ActivationForm

  public init(scale: Float, zero: Int, form: ActivationForm) {
    precondition((0...255).contains(zero), "StaticInput: zero \(zero) is not in 0...255")
    precondition(scale > 0 && (1 / scale).isFinite, "StaticInput: scale \(scale)")
    self.scale = scale
    self.zero = zero
    self.form = form
  }

  var quantization: StaticQuantization { StaticQuantization(inverse: 1 / scale, zero: Float(zero)) }
}

/// How a layer's input is quantized that is the GELU of another layer's output.
public struct GELUInput: Sendable {
  public let input: StaticInput
  let gelu: FixedPointGELU

  public init(_ input: StaticInput) {
    self.input = input
    gelu = FixedPointGELU(input.quantization)
  }
}
