import ImageProcessing

/// Labelled images as a model takes them, each made when it is asked for: a data set may be larger than memory.
package struct NormalizedImages: Sendable {
  package let data: ImageDataset
  package let recipe: ImagePreprocessing
  package let size: ImageSize

  package var count: Int { data.items.count }

  package func label(_ index: Int) -> Int { data.items[index].label }

  /// Image `index`, `[3, height, width]`.
  package func values(_ index: Int) throws(ImageError) -> [Float] {
    try NormalizedImage(data.items[index].image, recipe, size: size).values
  }
}
