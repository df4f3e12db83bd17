/// Turns `image` into a model's input: to 8-bit colour, resize, crop the middle, rescale, normalize.
///
/// Each sample becomes `(v · rescale − mean[c]) / std[c]`, every step rounded to float32.
///
/// - Parameter size: The input that the model takes, in pixels.
/// - Returns: `[3, size.height, size.width]`.
/// - Throws: ``ImageError/wrongSize(found:expected:)`` where the recipe makes this image another size, and
///   what ``ImagePreprocessing/validate()`` finds.
public func preprocess(
  _ image: Image, _ recipe: ImagePreprocessing, size: ImageSize
) throws(ImageError) -> [Float] {
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
  return normalized(Resampling.resize(image.reducedToRGB8(), to: resized, recipe.interpolation), recipe, size)
}

/// Crops and normalizes; rounds half down where the margins are uneven, as Hugging Face's image processors do.
private func normalized(_ image: RGB8, _ recipe: ImagePreprocessing, _ size: ImageSize) -> [Float] {
  let (top, left) = (floorHalf(image.size.height - size.height), floorHalf(image.size.width - size.width))
  let columns = max(0, -left)..<min(size.width, image.size.width - left)
  let values = NormalizedValues(recipe)
  let plane = size.height * size.width
  return [Float](unsafeUninitializedCapacity: 3 * plane) { output, count in
    guard let output = output.baseAddress else { return }
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<size.height {
        let line = output + y * size.width
        let row = y + top
        guard row >= 0, row < image.size.height else {
          values.black(into: line, 0..<size.width, plane: plane)
          continue
        }
        values.black(into: line, 0..<columns.lowerBound, plane: plane)
        values.black(into: line, columns.upperBound..<size.width, plane: plane)
        let first = pixels.baseAddress! + 3 * (row * image.size.width + left + columns.lowerBound)
        values.look(up: first, into: line + columns.lowerBound, columns.count, plane: plane)
      }
    }
    count = 3 * plane
  }
}

/// What each of the 256 samples becomes in each colour.
private struct NormalizedValues {
  /// `[3, 256]`
  private let table: [Float]

  init(_ recipe: ImagePreprocessing) {
    table = (0..<3 * 256).map { place in
      let (value, channel) = (Double(place % 256), place / 256)
      return (Float(value * recipe.rescale) - Float(recipe.mean[channel])) / Float(recipe.std[channel])
    }
  }

  /// Writes `count` interleaved pixels to three planes that are `plane` values apart.
  func look(up pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, _ count: Int, plane: Int) {
    table.withUnsafeBufferPointer { table in
      for channel in 0..<3 {
        guard let values = table.baseAddress.map({ $0 + 256 * channel }) else { return }
        Self.look(up: pixels + channel, in: values, into: output + channel * plane, count)
      }
    }
  }

  /// One colour; four pixels at a time, so that there is one store for four loads.
  private static func look(
    up pixels: UnsafePointer<UInt8>, in values: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    var (pixel, x) = (pixels, 0)
    while x <= count - 4 {
      let four = SIMD4(
        values[Int(pixel[0])], values[Int(pixel[3])], values[Int(pixel[6])], values[Int(pixel[9])])
      UnsafeMutableRawPointer(output + x).storeBytes(of: four, as: SIMD4<Float>.self)
      pixel += 12
      x += 4
    }
    while x < count {
      output[x] = values[Int(pixel[0])]
      pixel += 3
      x += 1
    }
  }

  func black(into output: UnsafeMutablePointer<Float>, _ columns: Range<Int>, plane: Int) {
    for channel in 0..<3 {
      for x in columns { output[channel * plane + x] = table[256 * channel] }
    }
  }
}

/// `⌊value / 2⌋`, also for negative values.
private func floorHalf(_ value: Int) -> Int { value >> 1 }
