import ScalarKernels

extension LinearLayer {
  /// The integer weights, row-major `[outputs, inputs]`: what the kernels multiply, before scales.
  ///
  /// For error reports, inspection and tests; O(`outputs · inputs`).
  package func integerWeights() -> [Int8] {
    switch weights {
    case .int8(let blocks): Self.rowMajor(blocks.codes, outputs, inputs, paddedInputs: inputs)
    case .int4(let blocks): Self.unpack(blocks, outputs, inputs)
    }
  }

  /// The weights as floats, row-major `[outputs, inputs]`: integer times the channel's scale.
  package func dequantizedWeights() -> [Float] {
    let integers = integerWeights()
    return integers.indices.map { Float(integers[$0]) * constants.scales[$0 / inputs] }
  }

  private static func unpack(_ blocks: Int4Blocks, _ n: Int, _ k: Int) -> [Int8] {
    let blockCount = (n + 15) / 16
    return withUnsafeTemporaryAllocation(of: Int8.self, capacity: blockCount * blocks.groups * 512) {
      buffer in
      guard let base = buffer.baseAddress else { return [] }
      unpackInt4(blocks, blocks: blockCount, into: base)
      return rowMajor(base, n, k, paddedInputs: blocks.groups * 32)
    }
  }

  private static func rowMajor(_ codes: UnsafePointer<Int8>, _ n: Int, _ k: Int, paddedInputs: Int) -> [Int8]
  {
    (0..<n * k).map { codes[PackedInt8Weights.index($0 / k, $0 % k, inputs: paddedInputs)] }
  }
}
