import TensorCore

/// An image that a model takes: resized and cropped 8-bit samples, and a table of the normalized value of each
/// sample.
///
/// Samples take a quarter of the bytes of normalized values. The model looks the values up while it reads the
/// samples, so the values are never written to memory. The pointers are valid while the image lives. The
/// article 0014-SamplesUntilTheModel has the figures.
package final class PreparedImage: Sendable {
  package let size: ImageSize
  private let memory: AlignedStorage

  private static let valueBytes = 3 * 256 * MemoryLayout<Float>.size

  /// The normalized value of each sample in red, green and blue, `[3, 256]`.
  package var values: UnsafePointer<Float> { UnsafePointer(memory.pointer(to: Float.self)) }

  /// Interleaved red, green and blue, `[size.height, size.width, 3]`.
  package var samples: UnsafePointer<UInt8> { UnsafePointer(writableSamples) }

  private var writableSamples: UnsafeMutablePointer<UInt8> {
    (memory.baseAddress + Self.valueBytes).assumingMemoryBound(to: UInt8.self)
  }

  /// An image of `size` in which `image` lies `top` rows and `left` columns from the corner; the rest is black.
  ///
  /// Each sample becomes `(v · rescale − mean[c]) / deviation[c]`, every step rounded to float32.
  init(_ image: RGB8, _ recipe: ImagePreprocessing, size: ImageSize, top: Int, left: Int) {
    self.size = size
    memory = AlignedStorage(
      byteCount: Self.valueBytes + size.height * size.width * 3, zeroed: image.size != size)
    let values = memory.pointer(to: Float.self)
    for channel in 0..<3 {
      let (mean, deviation) = (Float(recipe.mean[channel]), Float(recipe.deviation[channel]))
      for sample in 0..<256 {
        values[256 * channel + sample] = (Float(Double(sample) * recipe.rescale) - mean) / deviation
      }
    }
    copy(image, top, left)
  }

  /// Copies the rows of `image` to their places. The memory around them is zero, which is black.
  private func copy(_ image: RGB8, _ top: Int, _ left: Int) {
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<image.size.height {
        let target = writableSamples + 3 * ((top + y) * size.width + left)
        target.update(from: pixels.baseAddress! + image.place(y, 0), count: 3 * image.size.width)
      }
    }
  }

  /// The normalized values as planes, `[3, size.height, size.width]`.
  package func planes() -> [Float] {
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
