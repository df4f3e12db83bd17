import ImageProcessing

/// An image as a model takes it: `[3, height, width]`, resized and normalized by the model's record.
package struct NormalizedImage: Sendable {
  package let values: [Float]

  package init(_ image: Image, _ recipe: ImagePreprocessing, size: ImageSize) throws(ImageError) {
    values = try preprocess(image, recipe, size: size).planes()
  }
}
