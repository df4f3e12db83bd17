/// Cuts an image into the rows that the patch projection multiplies.
public enum PatchRows {
  /// Copies `image`, `[channels, imageSize, imageSize]`, to `rows`, `[patches, channels · patch · patch]`.
  ///
  /// Patches go row by row over the image; values within one are ordered as a convolution kernel
  /// `[channels, patch, patch]`, so the projection is the flattened kernel.
  public static func extract(
    _ image: UnsafePointer<Float>, _ c: ViTConfiguration, to rows: UnsafeMutablePointer<Float>
  ) {
    let (size, patch) = (c.imageSize, c.patchSize)
    let across = size / patch
    for index in 0..<c.patches {
      let (top, left) = (index / across * patch, index % across * patch)
      for line in 0..<c.channels * patch {
        let (channel, y) = (line / patch, line % patch)
        let source = image + (channel * size + top + y) * size + left
        (rows + index * c.patchValues + line * patch).update(from: source, count: patch)
      }
    }
  }
}
