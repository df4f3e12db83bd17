#if canImport(Glibc)
  import Glibc
#endif

/// Resizes exactly as Pillow does for 8-bit images, bit for bit: models were trained on what Pillow makes.
///
/// The filter is widened by the factor of shrinking (antialiasing). Rows are resampled first, then columns,
/// each with weights of 22 fractional bits and rounded to 8 bits; a side that keeps its length is not
/// resampled.
enum Resampling {
  static func resize(_ image: RGB8, to size: ImageSize, _ interpolation: ImagePreprocessing.Interpolation)
    -> RGB8
  {
    guard size != image.size else { return image }
    guard let filter = Filter(interpolation) else { return nearest(image, to: size) }
    var result = image
    if size.width != image.size.width {
      result = horizontal(result, Weights(from: image.size.width, to: size.width, filter))
    }
    if size.height != image.size.height {
      result = vertical(result, Weights(from: image.size.height, to: size.height, filter))
    }
    return result
  }

  private static func horizontal(_ image: RGB8, _ weights: Weights) -> RGB8 {
    let (height, width) = (image.size.height, image.size.width)
    let size = ImageSize(height: height, width: weights.starts.count)
    var output = [UInt8](repeating: 0, count: height * size.width * 3)
    output.withUnsafeMutableBufferPointer { output in
      image.pixels.withUnsafeBufferPointer { input in
        for y in 0..<height {
          for x in 0..<size.width {
            let first = (y * width + weights.starts[x]) * 3
            for channel in 0..<3 {
              output[(y * size.width + x) * 3 + channel] = weights.sum(x) {
                Int32(input[first + channel + $0 * 3])
              }
            }
          }
        }
      }
    }
    return RGB8(size: size, pixels: output)
  }

  private static func vertical(_ image: RGB8, _ weights: Weights) -> RGB8 {
    let stride = image.size.width * 3
    let size = ImageSize(height: weights.starts.count, width: image.size.width)
    var output = [UInt8](repeating: 0, count: size.height * stride)
    output.withUnsafeMutableBufferPointer { output in
      image.pixels.withUnsafeBufferPointer { input in
        for y in 0..<size.height {
          let first = weights.starts[y] * stride
          for x in 0..<stride {
            output[y * stride + x] = weights.sum(y) { Int32(input[first + x + $0 * stride]) }
          }
        }
      }
    }
    return RGB8(size: size, pixels: output)
  }

  /// The pixel under each new pixel's centre; positions are summed up, not multiplied, to round as Pillow
  /// does.
  private static func nearest(_ image: RGB8, to size: ImageSize) -> RGB8 {
    let rows = positions(from: image.size.height, to: size.height)
    let columns = positions(from: image.size.width, to: size.width)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(size.height * size.width * 3)
    for row in rows {
      for column in columns {
        let first = (row * image.size.width + column) * 3
        pixels += image.pixels[first..<first + 3]
      }
    }
    return RGB8(size: size, pixels: pixels)
  }

  private static func positions(from: Int, to: Int) -> [Int] {
    let step = Double(from) / Double(to)
    var position = step * 0.5
    return (0..<to).map { _ in
      defer { position += step }
      return min(Int(position), from - 1)
    }
  }
}

/// A resampling kernel: zero outside `−support...support`.
private struct Filter {
  let support: Double
  let value: (Double) -> Double

  init?(_ interpolation: ImagePreprocessing.Interpolation) {
    switch interpolation {
    case .nearest: return nil
    case .bilinear: self.init(support: 1) { $0.magnitude < 1 ? 1 - $0.magnitude : 0 }
    case .bicubic: self.init(support: 2, value: Self.bicubic)
    case .lanczos: self.init(support: 3) { $0 >= -3 && $0 < 3 ? Self.sinc($0) * Self.sinc($0 / 3) : 0 }
    }
  }

  private init(support: Double, value: @escaping (Double) -> Double) {
    self.support = support
    self.value = value
  }

  /// Keys's cubic with a = −1/2.
  private static func bicubic(_ x: Double) -> Double {
    let (a, x) = (-0.5, x.magnitude)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}

/// For every new sample along one axis: where its old samples begin, and their fixed-point weights.
private struct Weights {
  static let fractionBits = 22

  private(set) var starts: [Int] = []
  private var values: [Int32] = []
  private var ends: [Int] = []

  init(from: Int, to: Int, _ filter: Filter) {
    let scale = Double(from) / Double(to)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    for index in 0..<to {
      let centre = (Double(index) + 0.5) * scale
      let start = max(0, Int(centre - support + 0.5))
      let end = min(from, Int(centre + support + 0.5))
      let weights = (start..<end).map { filter.value((Double($0) - centre + 0.5) * (1 / stretch)) }
      let total = weights.reduce(0, +)
      starts.append(start)
      values += weights.map { Self.fixed(total == 0 ? $0 : $0 / total) }
      ends.append(values.count)
    }
  }

  /// The weighted sum of the old samples of new sample `index`, rounded and clipped to 8 bits.
  @inline(__always)
  func sum(_ index: Int, _ sample: (Int) -> Int32) -> UInt8 {
    let first = index == 0 ? 0 : ends[index - 1]
    var sum = Int32(1) << Int32(Self.fractionBits - 1)
    // Normalized weights are under 2²² · 1.3 in total magnitude, so 8-bit samples cannot overflow 32 bits.
    for position in first..<ends[index] { sum &+= sample(position - first) &* values[position] }
    return UInt8(clamping: sum >> Int32(Self.fractionBits))
  }

  /// Half away from zero.
  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << fractionBits)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
