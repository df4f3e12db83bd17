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

  /// A line of a patch: most often 14 or 16 values, too few for a call of `memcpy` each.
  private static func copy(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    for x in 0..<count { target[x] = source[x] }
  }
}
