extension Resampling {
  /// Resamples every row. Four rows at a time share the weights of a column.
  ///
  /// A row's pairs of pixels are interleaved once, because several new pixels use each of them.
  static func horizontal(_ image: RGB8, _ weights: Weights) -> RGB8 {
    // Pixels are written as four bytes, so there is one after each row.
    let (height, stride, pairs) = (image.size.height, 3 * weights.count + 1, (image.size.width + 1) / 2)
    let pixels = [UInt8](unsafeUninitializedCapacity: height * stride) { output, count in
      let output = UnsafeMutableRawPointer(output.baseAddress!)
      withUnsafeTemporaryAllocation(of: SIMD8<Int16>.self, capacity: min(4, height) * pairs) { woven in
        let woven = woven.baseAddress!
        ReadableRows.with(image, together: 1) { rows in
          for y in Swift.stride(from: 0, to: height, by: 4) {
            let block = min(4, height - y)
            for row in 0..<block { weave(rows.place(y + row, count: 1), into: woven + row * pairs, pairs) }
            resample(woven, pairs, weights, into: output + y * stride, stride, rows: block)
          }
        }
      }
      count = height * stride
    }
    return RGB8(size: ImageSize(height: height, width: weights.count), pixels: pixels[...], stride: stride)
  }

  /// Resamples up to four rows of woven pixels. Where there are fewer, the first one takes the place of the
  /// others.
  private static func resample(
    _ woven: UnsafePointer<SIMD8<Int16>>, _ pairs: Int, _ weights: Weights,
    into output: UnsafeMutableRawPointer, _ stride: Int, rows: Int
  ) {
    let second = rows > 1 ? pairs : 0
    let third = rows > 2 ? 2 * pairs : 0
    let fourth = rows > 3 ? 3 * pairs : 0
    weights.visit { x, start, weights in
      var sums = WeightedSums()
      var pair = woven + start
      for weight in weights {
        sums.add(pair[0], pair[second], pair[third], pair[fourth], weight)
        pair += 1
      }
      sums.write(to: output + 3 &* x, stride: stride, count: rows)
    }
  }

  /// Interleaves each pixel with its right neighbour: 0 with 1, 2 with 3 and so on, `count` pairs.
  private static func weave(
    _ row: UnsafeRawPointer, into woven: UnsafeMutablePointer<SIMD8<Int16>>, _ count: Int
  ) {
    for pair in 0..<count {
      let (left, right) = (widened(row + 6 &* pair), widened(row + (6 &* pair &+ 3)))
      // Each word is a sample and, in its upper half, its neighbour.
      woven[pair] = unsafeBitCast(left | right &<< 16, to: SIMD8<Int16>.self)
    }
  }

  /// A pixel and the byte after it.
  @inline(__always)
  private static func widened(_ pixel: UnsafeRawPointer) -> SIMD4<UInt32> {
    // One load; a vector of bytes would be loaded byte by byte.
    SIMD4(truncatingIfNeeded: unsafeBitCast(pixel.loadUnaligned(as: UInt32.self), to: SIMD4<UInt8>.self))
  }

  /// Resamples every column: sixteen neighbouring samples at a time, whose sums stay in registers.
  static func vertical(_ image: RGB8, _ weights: Weights) -> RGB8 {
    let stride = 3 * image.size.width
    let size = weights.count * stride
    let pixels = [UInt8](unsafeUninitializedCapacity: size + ReadableRows.slack) { output, count in
      let output = UnsafeMutableRawPointer(output.baseAddress!)
      ReadableRows.with(image, together: 2 * weights.pairsEach) { rows in
        weights.visit { y, start, weights in
          let first = rows.place(2 * start, count: 2 * weights.count)
          for x in Swift.stride(from: 0, to: stride, by: 16) {
            var sums = WeightedSums()
            var above = first + x
            for weight in weights {
              let below = above + image.stride
              let (upper, lower) = (samples(above), samples(below))
              let (left, right) = (weave(upper.lowHalf, lower.lowHalf), weave(upper.highHalf, lower.highHalf))
              sums.add(left.0, left.1, right.0, right.1, weight)
              above = below + image.stride
            }
            // The last step writes beyond the row's end; the next row overwrites that.
            sums.write(to: output + (y &* stride &+ x), stride: 4, count: 4)
          }
        }
      }
      count = size
    }
    return RGB8(size: ImageSize(height: weights.count, width: image.size.width), pixels: pixels[...])
  }

  @inline(__always)
  private static func samples(_ place: UnsafeRawPointer) -> SIMD16<UInt8> {
    // One load, as in `widened`.
    unsafeBitCast(place.loadUnaligned(as: SIMD2<UInt64>.self), to: SIMD16<UInt8>.self)
  }

  /// Interleaves eight samples of two rows.
  @inline(__always)
  private static func weave(_ above: SIMD8<UInt8>, _ below: SIMD8<UInt8>) -> (SIMD8<Int16>, SIMD8<Int16>) {
    var woven = SIMD16<UInt8>()
    (woven.evenHalf, woven.oddHalf) = (above, below)
    return (SIMD8(truncatingIfNeeded: woven.lowHalf), SIMD8(truncatingIfNeeded: woven.highHalf))
  }
}

/// The rows of an image, and one row more, with ``slack`` bytes after each that may be read.
///
/// Rows after which the array ends too early are copied: usually the last one, more if rows are short.
private struct ReadableRows {
  static let slack = 16

  private let image: UnsafeRawPointer
  private let copies: UnsafeRawPointer
  private let stride: Int
  /// The rows before this one are readable in place.
  private let end: Int
  private let firstCopy: Int

  /// - Parameter together: The most rows that are asked for at once.
  static func with(_ image: RGB8, together: Int, _ body: (ReadableRows) -> Void) {
    let (height, stride) = (image.size.height, image.stride)
    let room = image.pixels.count - image.place(0, image.size.width) - slack
    let end = room < 0 ? 0 : min(height, room / stride + 1)
    let firstCopy = max(0, end - together + 1)
    let copied = min(image.pixels.count, image.place(height, 0))
    let first = min(copied, image.place(firstCopy, 0))
    let copies = image.pixels.prefix(copied).dropFirst(first) + repeatElement(0, count: stride + slack)
    image.pixels.withUnsafeBytes { pixels in
      copies.withUnsafeBytes { copies in
        body(
          ReadableRows(
            image: pixels.baseAddress! + image.first, copies: copies.baseAddress!, stride: stride, end: end,
            firstCopy: firstCopy))
      }
    }
  }

  /// The first of `count` rows; the others follow at the image's stride.
  func place(_ row: Int, count: Int) -> UnsafeRawPointer {
    row + count <= end ? image + row * stride : copies + (row - firstCopy) * stride
  }
}
