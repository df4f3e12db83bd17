/// A float32 tensor held in an array: the currency of importers, calibration and the reference forward pass.
package struct FloatTensor: Sendable, Equatable {
  package let shape: Shape
  package var values: [Float]

  /// - Precondition: `values.count` equals the element count of `shape`.
  package init(shape: Shape, values: [Float]) {
    precondition(shape.elementCount == values.count, "FloatTensor: \(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }

  /// Row `index` of a `[rows, columns]` tensor.
  package func row(_ index: Int) -> ArraySlice<Float> {
    precondition(shape.rank == 2, "FloatTensor.row: shape \(shape) is not a matrix")
    return values[index * shape[1]..<(index + 1) * shape[1]]
  }
}
