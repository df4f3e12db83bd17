import Architectures

/// A layer's weights as whole numbers, row-major, before they are packed.
package struct CodedWeights: Sendable {
  package let outputs: Int
  package let inputs: Int
  /// `[outputs, inputs]`, in the range of the format's codes.
  package let codes: [Int8]
  /// `[outputs, groups]`, where the format has groups of inputs; see ``PackedInt4Weights``.
  package let steps: [UInt8]
  package let zeros: [UInt8]

  package init(codes: [Int8], steps: [UInt8] = [], zeros: [UInt8] = [], outputs: Int, inputs: Int) {
    (self.outputs, self.inputs) = (outputs, inputs)
    (self.codes, self.steps, self.zeros) = (codes, steps, zeros)
  }

  /// The tensors of a pack, as bytes: all parts of the format but the scales.
  ///
  /// - Precondition: The codes are in the format's range, and there are steps and zero points where it has groups.
  package func packed(as format: WeightFormat) -> [WeightPart: [UInt8]] { WeightCodec.of(format).pack(self) }
}
