import TensorCore

/// An image as a model takes it: resized, cropped, and with what each of its samples becomes by normalization.
///
/// Samples are a quarter of the normalized values; a model looks those up as it reads them, so that nobody writes them
/// to memory first. The pointers are good as long as the image lives.
public final class PreparedImage: Sendable {
  public let size: ImageSize
  private let memory: AlignedStorage

  private static let valueBytes = 3 * 256 * MemoryLayout<Float>.size

  /// The normalized value of each sample in red, green and blue, `[3, 256]`.
  public var values: UnsafePointer<Float> { UnsafePointer(memory.pointer(to: Float.self)) }

  /// Interleaved red, green and blue, `[size.height, size.width, 3]`.
  public var samples: UnsafePointer<UInt8> { UnsafePointer(writableSamples) }

  private var writableSamples: UnsafeMutablePointer<UInt8> {
    (memory.baseAddress + Self.valueBytes).assumingMemoryBound(to: UInt8.self)
  }

  /// The middle of `image`, black where the image is smaller.
  ///
  /// Rounds half down where the margins are uneven, as Hugging Face's image processors do. Each sample becomes
  /// `(v · rescale − mean[c]) / std[c]`, every step rounded to float32.
  init(_ image: RGB8, _ recipe: ImagePreprocessing, size: ImageSize) {
    self.size = size
    memory = AlignedStorage(byteCount: Self.valueBytes + size.height * size.width * 3)
    let values = memory.pointer(to: Float.self)
    for channel in 0..<3 {
      let (mean, deviation) = (Float(recipe.mean[channel]), Float(recipe.std[channel]))
      for sample in 0..<256 {
        values[256 * channel + sample] = (Float(Double(sample) * recipe.rescale) - mean) / deviation
      }
    }
    copyMiddle(of: image)
  }

  /// The memory is zero, which is black, where nothing is copied to.
  private func copyMiddle(of image: RGB8) {
    let (top, left) = (floorHalf(image.size.height - size.height), floorHalf(image.size.width - size.width))
    let columns = max(0, -left)..<min(size.width, image.size.width - left)
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in max(0, -top)..<min(size.height, image.size.height - top) {
        let first = pixels.baseAddress! + 3 * ((y + top) * image.size.width + left + columns.lowerBound)
        let target = writableSamples + 3 * (y * size.width + columns.lowerBound)
        target.update(from: first, count: 3 * columns.count)
      }
    }
  }

  /// The normalized values as planes, `[3, size.height, size.width]`.
  public func planes() -> [Float] {
    let plane = size.height * size.width
    return [Float](unsafeUninitializedCapacity: 3 * plane) { output, count in
      for channel in 0..<3 {
        for pixel in 0..<plane {
          output[channel * plane + pixel] = values[256 * channel + Int(samples[3 * pixel + channel])]
        }
      }
      count = 3 * plane
    }
  }
}

/// `⌊value / 2⌋`, also for negative values.
private func floorHalf(_ value: Int) -> Int { value >> 1 }
