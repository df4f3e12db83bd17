extension LinearLayer {
  /// The integer weights, row-major `[outputs, inputs]`: what the kernels multiply, before scales.
  ///
  /// For error reports, inspection and tests; O(`outputs · inputs`).
  package func integerWeights() -> [Int8] { WeightCodec.of(format).unpack(weights, outputs, inputs) }

  /// The weights as floats, row-major `[outputs, inputs]`: integer times the channel's scale.
  package func dequantizedWeights() -> [Float] {
    let integers = integerWeights()
    return integers.indices.map { Float(integers[$0]) * constants.scales[$0 / inputs] }
  }
}
