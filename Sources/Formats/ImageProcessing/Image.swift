/// An image as decoded: interleaved samples, rows from the top, without padding.
package struct Image: Sendable, Equatable {
  /// 8- or 16-bit samples, `height × width × channels` of them.
  package enum Samples: Sendable, Equatable {
    /// Samples of 8 bits. They may be a part of the file's bytes, which are then not copied.
    case eight(ArraySlice<UInt8>)
    case sixteen([UInt16])

    package var count: Int {
      switch self {
      case .eight(let samples): samples.count
      case .sixteen(let samples): samples.count
      }
    }
  }

  package let width: Int
  package let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  package let channels: Int
  package let samples: Samples
  /// The sample that means white, 1...65535; none is larger.
  package let maxValue: Int

  /// - Precondition: Positive extents, 1 or 3 channels and as many samples as they call for.
  package init(width: Int, height: Int, channels: Int, samples: Samples, maxValue: Int) {
    precondition(
      width > 0 && height > 0 && (channels == 1 || channels == 3), "Image: \(width)×\(height)×\(channels)")
    precondition(
      samples.count == width * height * channels, "Image: \(samples.count) samples, \(width)×\(height)")
    precondition((1...65535).contains(maxValue), "Image: white is \(maxValue)")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
    self.maxValue = maxValue
  }

  package var size: ImageSize { ImageSize(height: height, width: width) }

  /// The same picture in 8-bit red, green and blue: samples become `value · 255 / maxValue`, rounded half up;
  /// grey is repeated.
  func reducedToRGB8() -> RGB8 {
    let pixels: ArraySlice<UInt8>
    switch samples {
    case .eight(let samples) where maxValue == 255: pixels = samples
    case .eight(let samples): pixels = samples.map { reduce(Int($0)) }[...]
    case .sixteen(let samples): pixels = samples.map { reduce(Int($0)) }[...]
    }
    return RGB8(size: size, pixels: channels == 3 ? pixels : threefold(pixels))
  }

  private func threefold(_ grey: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    [UInt8](unsafeUninitializedCapacity: 3 * grey.count) { pixels, count in
      for (index, value) in grey.enumerated() {
        for channel in 0..<3 { pixels[3 * index + channel] = value }
      }
      count = 3 * grey.count
    }[...]
  }

  private func reduce(_ value: Int) -> UInt8 {
    UInt8(clamping: (2 * value * 255 + maxValue) / (2 * maxValue))
  }
}

/// The extents of an image in pixels.
package struct ImageSize: Sendable, Hashable, Codable, CustomStringConvertible {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  package var description: String { "\(width)×\(height)" }
}

/// Interleaved 8-bit red, green and blue: the form that is resized.
struct RGB8 {
  let size: ImageSize
  /// Every sample of the image. If this is a part of a larger image, the samples of that one.
  let pixels: ArraySlice<UInt8>
  /// Where the first row begins, counted from the first of ``pixels``.
  private(set) var first = 0
  /// Bytes from one row to the next in ``pixels``.
  let stride: Int

  /// - Parameter stride: Bytes from one row to the next in `pixels`; nil where rows follow without gaps.
  init(size: ImageSize, pixels: ArraySlice<UInt8>, stride: Int? = nil) {
    (self.size, self.pixels, self.stride) = (size, pixels, stride ?? 3 * size.width)
  }

  /// A part of `image` that shares its samples.
  private init(_ image: RGB8, size: ImageSize, first: Int) {
    (self.size, self.first, pixels, stride) = (size, first, image.pixels, image.stride)
  }

  func cropped(_ rows: Range<Int>, _ columns: Range<Int>) -> RGB8 {
    let size = ImageSize(height: rows.count, width: columns.count)
    return RGB8(self, size: size, first: place(rows.lowerBound, columns.lowerBound))
  }

  /// Where a pixel's three samples are, counted from the first of ``pixels``.
  func place(_ row: Int, _ column: Int) -> Int { first + row * stride + 3 * column }
}
