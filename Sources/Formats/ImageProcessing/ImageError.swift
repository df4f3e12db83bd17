/// Why an image or a preprocessing recipe is refused.
package enum ImageError: Error, Equatable, CustomStringConvertible {
  case unsupportedFormat(name: String)
  case unknownFormat
  case truncatedHeader(reading: String)
  case malformedNumber(field: String, offset: Int)
  case numberTooLarge(field: String, limit: Int)
  case emptyImage(width: Int, height: Int)
  case tooManyPixels(width: Int, height: Int, limit: Int)
  case invalidMaxValue(found: Int)
  case wrongByteCount(found: Int, expected: Int)
  case missingSamples(bytes: Int, samples: Int)
  case trailingData(offset: Int)
  case sampleTooLarge(index: Int, value: Int, maxValue: Int)
  case invalidRecipe(field: String, found: String, expected: String)
  case resizedTooLarge(image: ImageSize, resized: ImageSize, limit: Int)
  case wrongSize(found: ImageSize, expected: ImageSize)

  package var description: String {
    switch self {
    case .unsupportedFormat(let name):
      """
      the image is \(name); only PGM and PPM (P2, P3, P5, P6) are read. Convert it first, for instance \
      with ImageMagick: magick IMAGE out.ppm
      """
    case .unknownFormat:
      "the image is of no known format; expected PGM or PPM (P2, P3, P5, P6)"
    case .truncatedHeader(let reading):
      "the image ends within its header, where its \(reading) should be"
    case .malformedNumber(let field, let offset):
      "byte \(offset) of the image is not a digit, where its \(field) should be"
    case .numberTooLarge(let field, let limit):
      "the \(field) is more than \(limit)"
    case .emptyImage(let width, let height):
      "the image has \(width)×\(height) pixels; it must have at least one"
    case .tooManyPixels(let width, let height, let limit):
      "the image has \(width)×\(height) pixels; at most \(limit) are accepted. Scale it down"
    case .invalidMaxValue(let found):
      "the image says that white is \(found); it must be 1 to 65535"
    case .wrongByteCount(let found, let expected):
      "the image has \(found) bytes of pixels, its header calls for \(expected)"
    case .missingSamples(let bytes, let samples):
      "\(bytes) bytes of text cannot hold the \(samples) samples that the image's header calls for"
    case .trailingData(let offset):
      "the image goes on after its last sample, at byte \(offset)"
    case .sampleTooLarge(let index, let value, let maxValue):
      "sample \(index) of the image is \(value), more than its white, \(maxValue)"
    case .invalidRecipe(let field, let found, let expected):
      "preprocessing: \(field) is \(found), expected \(expected)"
    case .resizedTooLarge(let image, let resized, let limit):
      """
      an image of \(image) would become \(resized) before cropping, more than \(limit) pixels; \
      its sides are too unequal, crop it first
      """
    case .wrongSize(let found, let expected):
      """
      preprocessing makes this image \(found), but the model takes \(expected); send an image of that size or \
      pack the model with a resizing recipe
      """
    }
  }
}
