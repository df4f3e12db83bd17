/// Cuts an image into the rows that the patch projection multiplies.
public enum PatchRows {
  /// Writes the normalized values of patches `range` of `image` to `rows`, `[range.count, channels · patch · patch]`.
  ///
  /// Patches go row by row over the image; values within one are ordered as a convolution kernel
  /// `[channels, patch, patch]`, so the projection is the flattened kernel.
  public static func extract(
    _ image: ViTInput, _ c: ViTConfiguration, _ range: Range<Int>, to rows: UnsafeMutablePointer<Float>
  ) {
    let across = c.imageSize / c.patchSize
    for (row, index) in range.enumerated() {
      let (y, x) = (index / across * c.patchSize, index % across * c.patchSize)
      let target = rows + row * c.patchValues
      switch image {
      case .planes(let planes): copy(planes + y * c.imageSize + x, c, to: target)
      case .samples(let samples, let values):
        lookUp(samples + (y * c.imageSize + x) * c.channels, values, c, to: target)
      }
    }
  }

  /// The patch whose first value is at `corner`, line by line.
  private static func copy(
    _ corner: UnsafePointer<Float>, _ c: ViTConfiguration, to row: UnsafeMutablePointer<Float>
  ) {
    let (size, patch) = (c.imageSize, c.patchSize)
    for line in 0..<c.channels * patch {
      let (channel, y) = (line / patch, line % patch)
      copy(corner + (channel * size + y) * size, to: row + line * patch, count: patch)
    }
  }

  /// A line of a patch. A constant size becomes a few instructions, and most patches have it; a call of `memcpy` for each
  /// line would take 3 % of a small model's time.
  private static func copy(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    if count == 16 {
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 64)
    } else {
      target.update(from: source, count: count)
    }
  }

  /// The patch whose first pixel is at `corner`, a line of one channel at a time.
  private static func lookUp(
    _ corner: UnsafePointer<UInt8>, _ values: UnsafePointer<Float>, _ c: ViTConfiguration,
    to row: UnsafeMutablePointer<Float>
  ) {
    let (channels, patch) = (c.channels, c.patchSize)
    for line in 0..<channels * patch {
      let (channel, y) = (line / patch, line % patch)
      let (table, target) = (values + 256 * channel, row + line * patch)
      var sample = corner + y * c.imageSize * channels + channel
      for x in 0..<patch {
        target[x] = table[Int(sample.pointee)]
        sample += channels
      }
    }
  }
}
