/// How an image becomes a model's input, in the way in which the model was trained. A pack stores it.
package struct ImagePreprocessing: Codable, Sendable, Equatable {
  package enum Resize: Codable, Sendable, Equatable {
    case none
    /// The shorter side becomes this many pixels; the other keeps the proportions, rounded down.
    case shortestEdge(Int)
    case exact(height: Int, width: Int)
  }

  /// Pillow's filters; raw values are its codes, which Hugging Face configurations call `resample`.
  package enum Interpolation: Int, Codable, Sendable, CaseIterable {
    case nearest = 0
    case lanczos, bilinear, bicubic, box, hamming
  }

  package var resize: Resize
  /// The size of the middle of the resized image that the model gets; what the image does not fill is black.
  package var crop: ImageSize?
  package var interpolation: Interpolation
  /// Multiplies the 8-bit samples.
  package var rescale: Double
  /// Subtracted from the rescaled red, green and blue.
  package var mean: [Double]
  /// Divides the result.
  package var deviation: [Double]

  private enum CodingKeys: String, CodingKey {
    case resize, crop, interpolation, rescale, mean
    case deviation = "std"
  }

  package init(
    resize: Resize = .none, crop: ImageSize? = nil, interpolation: Interpolation = .bilinear,
    rescale: Double = 1.0 / 255, mean: [Double] = [0, 0, 0], deviation: [Double] = [1, 1, 1]
  ) {
    self.resize = resize
    self.crop = crop
    self.interpolation = interpolation
    self.rescale = rescale
    self.mean = mean
    self.deviation = deviation
  }

  /// The longest side that a recipe may ask for, because the recipe comes from a file.
  package static let sideLimit = 16_384
  /// The most pixels that an image may have between resizing and cropping: 192 MiB. A long and narrow picture
  /// would otherwise become huge when its shorter side is enlarged.
  package static let resizedPixelLimit = 1 << 26

  /// Checks the recipe by itself, so that a pack is refused when it is loaded and not with its first image.
  package func validate() throws(ImageError) {
    switch resize {
    case .none: break
    case .shortestEdge(let side): try checkSide("resize.shortestEdge", side)
    case .exact(let height, let width):
      try checkSide("resize.height", height)
      try checkSide("resize.width", width)
    }
    if let crop {
      try checkSide("crop.height", crop.height)
      try checkSide("crop.width", crop.width)
    }
    guard rescale.isFinite else {
      throw .invalidRecipe(field: "rescale", found: "\(rescale)", expected: "a number")
    }
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
      throw .invalidRecipe(field: "mean", found: "\(mean)", expected: "three numbers")
    }
    guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && Float($0) != 0 }) else {
      throw .invalidRecipe(field: "std", found: "\(deviation)", expected: "three numbers other than 0")
    }
  }

  private func checkSide(_ field: String, _ side: Int) throws(ImageError) {
    guard (1...Self.sideLimit).contains(side) else {
      throw .invalidRecipe(field: field, found: "\(side)", expected: "1 to \(Self.sideLimit) pixels")
    }
  }

  /// The size that an image of `size` is resized to, before cropping.
  func resizedSize(of size: ImageSize) -> ImageSize {
    switch resize {
    case .none: size
    case .exact(let height, let width): ImageSize(height: height, width: width)
    case .shortestEdge(let side) where size.width <= size.height:
      ImageSize(height: side * size.height / size.width, width: side)
    case .shortestEdge(let side): ImageSize(height: side, width: side * size.width / size.height)
    }
  }

  /// The size of the model's input that an image of `size` becomes.
  ///
  /// - Precondition: The recipe is valid (``validate()``).
  package func outputSize(of size: ImageSize) -> ImageSize { crop ?? resizedSize(of: size) }
}
