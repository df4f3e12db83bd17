/// Resizes 8-bit images as Pillow does, bit for bit, because models were trained on the pixels that Pillow
/// makes.
///
/// The filter is widened by the factor of shrinking (antialiasing). Rows are resampled first, then columns,
/// each with weights of 22 fractional bits and rounded to 8 bits; a side that keeps its length is not
/// resampled.
enum Resampling {
  /// The part `rows` × `columns` of `image` resized to `size`; the other pixels are not computed.
  ///
  /// - Precondition: `rows` and `columns` are within `size` and not empty.
  static func resize(
    _ image: RGB8, to size: ImageSize, _ interpolation: ImagePreprocessing.Interpolation,
    rows: Range<Int>, columns: Range<Int>
  ) -> RGB8 {
    guard size != image.size else { return image.cropped(rows, columns) }
    guard let filter = Filter(interpolation) else { return nearest(image, to: size, rows, columns) }
    let down = Weights(from: image.size.height, to: size.height, rows, filter)
    let across = Weights(from: image.size.width, to: size.width, columns, filter)
    var result = image.cropped(down?.source ?? rows, across?.source ?? columns)
    if let across { result = horizontal(result, across) }
    if let down { result = vertical(result, down) }
    return result
  }

  /// The pixel under each new pixel's centre; positions are summed up, not multiplied, to round as Pillow
  /// does.
  private static func nearest(
    _ image: RGB8, to size: ImageSize, _ rows: Range<Int>, _ columns: Range<Int>
  ) -> RGB8 {
    let oldRows = positions(from: image.size.height, to: size.height)[rows]
    let oldColumns = positions(from: image.size.width, to: size.width)[columns]
    let pixels = [UInt8](unsafeUninitializedCapacity: rows.count * columns.count * 3) { pixels, count in
      image.pixels.withUnsafeBufferPointer { old in
        for row in oldRows {
          for column in oldColumns {
            let first = image.place(row, column)
            for place in first..<first + 3 {
              pixels[count] = old[place]
              count += 1
            }
          }
        }
      }
    }
    return RGB8(size: ImageSize(height: rows.count, width: columns.count), pixels: pixels[...])
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
