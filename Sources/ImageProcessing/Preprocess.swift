/// Turns `image` into a model's input: to 8-bit colour, resize, crop the middle, rescale, normalize.
///
/// Each sample becomes `(v · rescale − mean[c]) / std[c]`, every step rounded to float32.
///
/// - Parameters:
///   - size: The input that the model takes, in pixels.
///   - output: `[3, size.height, size.width]`.
/// - Throws: ``ImageError/wrongSize(found:expected:)`` where the recipe makes this image another size, and
///   what ``ImagePreprocessing/validate()`` finds. Then `output` is untouched.
public func preprocess(
  _ image: Image, _ recipe: ImagePreprocessing, size: ImageSize, into output: UnsafeMutablePointer<Float>
) throws(ImageError) {
  try recipe.validate()
  let found = recipe.outputSize(of: image.size)
  guard found == size else { throw .wrongSize(found: found, expected: size) }
  let resized = recipe.resizedSize(of: image.size)
  // The first pass makes the image narrow or wide at its old height; both images must be within the limit.
  for size in [resized, ImageSize(height: image.height, width: resized.width)] where size != image.size {
    let (pixels, overflow) = size.width.multipliedReportingOverflow(by: size.height)
    guard !overflow, pixels <= ImagePreprocessing.resizedPixelLimit else {
      throw .resizedTooLarge(image: image.size, resized: size, limit: ImagePreprocessing.resizedPixelLimit)
    }
  }
  let pixels = Resampling.resize(image.reducedToRGB8(), to: resized, recipe.interpolation)
  normalize(pixels, recipe, size: size, into: output)
}

/// Rounds half down where the margins are uneven, as Hugging Face's image processors do.
private func normalize(
  _ image: RGB8, _ recipe: ImagePreprocessing, size: ImageSize, into output: UnsafeMutablePointer<Float>
) {
  let top = floorHalf(image.size.height - size.height)
  let left = floorHalf(image.size.width - size.width)
  for channel in 0..<3 {
    let values = (0..<256).map { value in
      (Float(Double(value) * recipe.rescale) - Float(recipe.mean[channel])) / Float(recipe.std[channel])
    }
    let plane = output + channel * size.height * size.width
    for y in 0..<size.height {
      let row = y + top
      let isInside = row >= 0 && row < image.size.height
      for x in 0..<size.width {
        let column = x + left
        let isPixel = isInside && column >= 0 && column < image.size.width
        let value = isPixel ? image.pixels[(row * image.size.width + column) * 3 + channel] : 0
        plane[y * size.width + x] = values[Int(value)]
      }
    }
  }
}

/// `⌊value / 2⌋`, also for negative values.
private func floorHalf(_ value: Int) -> Int { value >> 1 }
