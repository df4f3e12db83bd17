/// A float32 tensor held in an array: the currency of importers, calibration and the reference forward pass.
public struct FloatTensor: Sendable, Equatable {
  public let shape: Shape
  public var values: [Float]

  /// - Precondition: `values.count` equals the element count of `shape`.
  public init(shape: Shape, values: [Float]) {
    precondition(shape.elementCount == values.count, "FloatTensor: \(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }

  /// Row `index` of a `[rows, columns]` tensor.
  public func row(_ index: Int) -> ArraySlice<Float> {
    precondition(shape.rank == 2, "FloatTensor.row: shape \(shape) is not a matrix")
    return values[index * shape[1]..<(index + 1) * shape[1]]
  }
}
