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
    let (height, width, newWidth) = (image.size.height, image.size.width, weights.count)
    let pixels = [UInt8](unsafeUninitializedCapacity: height * newWidth * 3) { output, count in
      image.pixels.withUnsafeBufferPointer { input in
        for y in 0..<height {
          weights.visit { x, start, taps in
            var (red, green, blue) = (Weights.half, Weights.half, Weights.half)
            var place = 3 * (y * width + start)
            for weight in taps {
              red &+= Int32(input[place]) &* weight
              green &+= Int32(input[place + 1]) &* weight
              blue &+= Int32(input[place + 2]) &* weight
              place += 3
            }
            let new = 3 * (y * newWidth + x)
            output[new] = Weights.sample(red)
            output[new + 1] = Weights.sample(green)
            output[new + 2] = Weights.sample(blue)
          }
        }
      }
      count = output.count
    }
    return RGB8(size: ImageSize(height: height, width: newWidth), pixels: pixels)
  }

  /// Adds whole rows up, which compiles to vector instructions.
  private static func vertical(_ image: RGB8, _ weights: Weights) -> RGB8 {
    let stride = image.size.width * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: weights.count * stride) { output, count in
      image.pixels.withUnsafeBufferPointer { input in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
          weights.visit { y, start, taps in
            for x in 0..<stride { sums[x] = Weights.half }
            for (tap, weight) in taps.enumerated() {
              let row = (start + tap) * stride
              for x in 0..<stride { sums[x] &+= Int32(input[row + x]) &* weight }
            }
            for x in 0..<stride { output[y * stride + x] = Weights.sample(sums[x]) }
          }
        }
      }
      count = output.count
    }
    return RGB8(size: ImageSize(height: weights.count, width: image.size.width), pixels: pixels)
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
///
/// The normalized weights of one sample are under 2²² · 1.3 in total magnitude, so sums of 8-bit samples fit 32 bits.
private struct Weights {
  private static let fractionBits: Int32 = 22
  /// What sums begin with, so that they are rounded.
  static let half: Int32 = 1 << (fractionBits - 1)

  private var starts: [Int] = []
  private var values: [Int32] = []
  private var ends: [Int] = []

  init(from: Int, to: Int, _ filter: Filter) {
    let scale = Double(from) / Double(to)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    var weights: [Double] = []
    for index in 0..<to {
      let centre = (Double(index) + 0.5) * scale
      let start = max(0, Int(centre - support + 0.5))
      let end = min(from, Int(centre + support + 0.5))
      weights.removeAll(keepingCapacity: true)
      for old in start..<end { weights.append(filter.value((Double(old) - centre + 0.5) * (1 / stretch))) }
      let total = weights.reduce(0, +)
      for weight in weights { values.append(Self.fixed(total == 0 ? weight : weight / total)) }
      starts.append(start)
      ends.append(values.count)
    }
  }

  /// New samples.
  var count: Int { starts.count }

  /// Calls `body` with each new sample's place, its first old sample, and the weights from there on.
  @inline(__always)
  func visit(_ body: (_ index: Int, _ start: Int, _ taps: UnsafeBufferPointer<Int32>) -> Void) {
    values.withUnsafeBufferPointer { values in
      var first = 0
      for (index, end) in ends.enumerated() {
        body(index, starts[index], UnsafeBufferPointer(rebasing: values[first..<end]))
        first = end
      }
    }
  }

  /// A sum of weighted samples, clipped to 8 bits.
  @inline(__always)
  static func sample(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> fractionBits) }

  /// Half away from zero.
  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << fractionBits)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
