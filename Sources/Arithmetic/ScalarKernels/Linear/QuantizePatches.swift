/// How square patches lie in a square picture: row by row.
public struct PatchGrid: Sendable {
  /// Pixels along a side of the picture; a multiple of `patchSize`.
  public let imageSize: Int
  /// Pixels along a side of a patch.
  public let patchSize: Int
  public let channels: Int

  public init(imageSize: Int, patchSize: Int, channels: Int) {
    (self.imageSize, self.patchSize, self.channels) = (imageSize, patchSize, channels)
  }

  /// Values of a patch.
  public var values: Int { channels * patchSize * patchSize }

  /// Where patch `index` begins in one plane of the picture.
  public func corner(_ index: Int) -> Int {
    let (row, column) = index.quotientAndRemainder(dividingBy: imageSize / patchSize)
    return (row * imageSize + column) * patchSize
  }
}

/// Where one picture's pixels lie.
public enum PatchPixels {
  /// `[channels, imageSize, imageSize]`, normalized.
  case planes(UnsafePointer<Float>)
  /// `[imageSize, imageSize, channels]` as they were decoded, and the normalized value of each of the 256 samples,
  /// `[channels, 256]`: a quarter of the memory, and nobody has to write the planes.
  case samples(UnsafePointer<UInt8>, values: UnsafePointer<Float>)
}

/// Writes the normalized values of patch `index`, ordered as a convolution kernel `[channels, patch, patch]`, so that the
/// projection is the flattened kernel.
public func extractPatch(
  _ pixels: PatchPixels, _ grid: PatchGrid, _ index: Int, to row: UnsafeMutablePointer<Float>
) {
  let (size, patch, corner) = (grid.imageSize, grid.patchSize, grid.corner(index))
  for line in 0..<grid.channels * patch {
    let (channel, y) = line.quotientAndRemainder(dividingBy: patch)
    let target = row + line * patch
    switch pixels {
    case .planes(let planes):
      let source = planes + corner + (channel * size + y) * size
      for x in 0..<patch { target[x] = source[x] }
    case .samples(let samples, let values):
      let source = samples + (corner + y * size) * grid.channels + channel
      for x in 0..<patch { target[x] = values[256 * channel + Int(source[x * grid.channels])] }
    }
  }
}

/// Quantizes patches `range` of a picture, a row each, with a fixed scale and zero point.
///
/// - Parameters:
///   - codes: Rows of `grid.values` columns.
///   - scratch: Room for the values of one patch.
///   - quantize: Of one row; ``quantizeRowStatic(_:columns:_:into:)`` or a variant.
public func quantizePatches(
  _ pixels: PatchPixels, _ grid: PatchGrid, _ range: Range<Int>, _ quantization: StaticQuantization,
  into codes: CodeRows, scratch: UnsafeMutablePointer<Float>,
  quantize: (UnsafePointer<Float>, Int, StaticQuantization, RowCodes) -> Void
) {
  for (row, patch) in range.enumerated() {
    extractPatch(pixels, grid, patch, to: scratch)
    quantize(scratch, codes.columns, quantization, codes[row])
  }
}
