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
  /// The bits of each value, in the lower half of a word and again in the upper: `[3, 2, 256]`.
  private let words: [UInt64]

  init(_ recipe: ImagePreprocessing) {
    words = [UInt64](unsafeUninitializedCapacity: 3 * 2 * 256) { words, count in
      for channel in 0..<3 {
        let (mean, std) = (Float(recipe.mean[channel]), Float(recipe.std[channel]))
        for value in 0..<256 {
          let bits = UInt64(((Float(Double(value) * recipe.rescale) - mean) / std).bitPattern)
          words[512 * channel + value] = bits
          words[512 * channel + 256 + value] = bits << 32
        }
      }
      count = words.count
    }
  }

  private func value(_ sample: Int, _ channel: Int) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: words[512 * channel + sample]))
  }

  /// Writes `count` interleaved pixels to three planes that are `plane` values apart.
  ///
  /// Two values are one load, one OR and one store on a little-endian machine, which all that Swift runs on are.
  func look(
    up pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, _ count: Int, plane: Int
  ) {
    words.withUnsafeBufferPointer { words in
      for channel in 0..<3 {
        guard let first = words.baseAddress.map({ $0 + 512 * channel }) else { return }
        let (second, line) = (first + 256, output + channel * plane)
        var (pixel, pair) = (pixels + channel, UnsafeMutableRawPointer(line))
        let end = UnsafeMutableRawPointer(line + (count & ~1))
        while pair < end {
          pair.storeBytes(of: first[Int(pixel[0])] | second[Int(pixel[3])], as: UInt64.self)
          pair += 8
          pixel += 6
        }
        if count & 1 == 1 { line[count - 1] = value(Int(pixel[0]), channel) }
      }
    }
  }

  func black(into output: UnsafeMutablePointer<Float>, _ columns: Range<Int>, plane: Int) {
    for channel in 0..<3 {
      let black = value(0, channel)
      for x in columns { output[channel * plane + x] = black }
    }
  }
}

/// `⌊value / 2⌋`, also for negative values.
private func floorHalf(_ value: Int) -> Int { value >> 1 }
