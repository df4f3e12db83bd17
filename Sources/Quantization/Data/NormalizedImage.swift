import ImageProcessing

/// An image as a model takes it: `[channels, height, width]`, resized and normalized by the model's record.
public struct NormalizedImage: Sendable {
  public let values: [Float]

  public init(_ image: Image, _ recipe: ImagePreprocessing) throws {
    guard let size = recipe.outputSize else {
      throw QuantizationError.badData(path: "preprocessing", reason: "the recipe makes images of no fixed size.")
    }
    var values = [Float](repeating: 0, count: 3 * size.width * size.height)
    try values.withUnsafeMutableBufferPointer { try preprocess(image, recipe, into: $0.baseAddress!) }
    self.values = values
  }
}
