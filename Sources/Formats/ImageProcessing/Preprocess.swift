/// Turns `image` into a model's input: to 8-bit colour, resize, crop the middle, rescale, normalize.
///
/// - Parameter size: The input that the model takes, in pixels.
/// - Throws: ``ImageError/wrongSize(found:expected:)`` if the recipe gives this image another size, and the
///   errors of ``ImagePreprocessing/validate()``.
package func preprocess(
  _ image: Image, _ recipe: ImagePreprocessing, size: ImageSize
) throws(ImageError) -> PreparedImage {
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
  let (rows, columns) = (Middle(size.height, of: resized.height), Middle(size.width, of: resized.width))
  let shown = Resampling.resize(
    image.reducedToRGB8(), to: resized, recipe.interpolation, rows: rows.shown, columns: columns.shown)
  return PreparedImage(shown, recipe, size: size, top: rows.margin, left: columns.margin)
}

/// The middle of an axis of the resized image that becomes the model's input.
///
/// Rounds half down where the margins are uneven, as Hugging Face's image processors do.
private struct Middle {
  /// The range of the resized image's pixels that is used.
  let shown: Range<Int>
  /// The number of black pixels before it in the model's input.
  let margin: Int

  init(_ input: Int, of resized: Int) {
    let first = (resized - input) >> 1
    shown = max(0, first)..<min(resized, first + input)
    margin = max(0, -first)
  }
}
