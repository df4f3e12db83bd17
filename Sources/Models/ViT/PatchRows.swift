/// Cuts an image into the rows that the patch projection multiplies.
public enum PatchRows {
  /// Copies patches `range` of `image`, `[channels, imageSize, imageSize]`, to `rows`,
  /// `[range.count, channels · patch · patch]`.
  ///
  /// Patches go row by row over the image; values within one are ordered as a convolution kernel
  /// `[channels, patch, patch]`, so the projection is the flattened kernel.
  public static func extract(
    _ image: UnsafePointer<Float>, _ c: ViTConfiguration, _ range: Range<Int>,
    to rows: UnsafeMutablePointer<Float>
  ) {
    let (size, patch) = (c.imageSize, c.patchSize)
    let across = size / patch
    var target = rows
    for index in range {
      let corner = image + index / across * patch * size + index % across * patch
      for line in 0..<c.channels * patch {
        let (channel, y) = (line / patch, line % patch)
        copy(corner + (channel * size + y) * size, to: target, count: patch)
        target += patch
      }
    }
  }

  /// A line of a patch. A constant size becomes a few instructions, and most patches have it; a call of `memcpy` for each
  /// line would take 3 % of a small model's time.
  private static func copy(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    if count == 16 {
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 64)
    } else {
      target.update(from: source, count: count)
    }
  }
}
