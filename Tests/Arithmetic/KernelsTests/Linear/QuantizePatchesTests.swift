import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Patches of a picture")
struct QuantizePatchesTests {
  @Test("go row by row over the image, each in the order of a convolution kernel")
  func order() {
    let grid = PatchGrid(imageSize: 4, patchSize: 2, channels: 2)
    // A value names its place: channel, line and column as decimal digits.
    let image = (0..<32).map { (place: Int) -> Float in
      let (channel, y, x) = (place / 16, place / 4 % 4, place % 4)
      return Float(channel * 100 + y * 10 + x)
    }
    let expected: [[Float]] = [
      [0, 1, 10, 11, 100, 101, 110, 111],
      [2, 3, 12, 13, 102, 103, 112, 113],
      [20, 21, 30, 31, 120, 121, 130, 131],
      [22, 23, 32, 33, 122, 123, 132, 133],
    ]
    #expect(Self.patches(image, grid) == expected)
  }

  @Test("are the image itself where there is one")
  func onePatch() {
    let image = (0..<27).map(Float.init)
    #expect(Self.patches(image, PatchGrid(imageSize: 3, patchSize: 3, channels: 3)) == [image])
  }

  private static func patches(_ image: [Float], _ grid: PatchGrid) -> [[Float]] {
    let across = grid.imageSize / grid.patchSize
    return (0..<across * across).map { index in
      var row = [Float](repeating: -1, count: grid.values)
      image.withUnsafeBufferPointer { grid.extract(index, of: .planes($0.baseAddress!), to: &row) }
      return row
    }
  }

  @Test(
    "have the codes of their values, from planes and from samples", arguments: QuantizeRowKernel.runnable,
    [(8, 2, 3), (32, 16, 3), (64, 16, 3), (32, 16, 1), (15, 5, 1), (28, 14, 3)])
  func codes(kernel: QuantizeRowKernel, shape: (size: Int, patch: Int, channels: Int)) {
    let grid = PatchGrid(imageSize: shape.size, patchSize: shape.patch, channels: shape.channels)
    let picture = Picture(grid)
    for signed in [false, true] {
      let expected = Self.encode(grid, signed, picture.planes) { pixels, range, codes, scratch in
        for (row, patch) in range.enumerated() {
          extractPatch(pixels, grid, patch, to: scratch)
          quantizeRowStatic(scratch, columns: grid.values, Self.quantization, into: codes[row])
        }
      }
      for pixels in [picture.planes, picture.samples] {
        let actual = Self.encode(grid, signed, pixels) { pixels, range, codes, scratch in
          kernel.patches(pixels, grid, range, Self.quantization, codes, scratch)
        }
        #expect(actual == expected)
      }
    }
  }

  /// The codes of all patches but the first.
  private static func encode(
    _ grid: PatchGrid, _ signed: Bool, _ pixels: PatchPixels,
    _ body: (PatchPixels, Range<Int>, CodeRows, UnsafeMutablePointer<Float>) -> Void
  ) -> WrittenCodes {
    let across = grid.imageSize / grid.patchSize
    let stride = (grid.values + 63) / 64 * 64 + 64
    var scratch = [Float](repeating: 0, count: grid.values)
    return WrittenCodes(count: across * across * stride, signed: signed) { first in
      body(
        pixels, 1..<across * across, CodeRows(first: first, columns: grid.values, stride: stride), &scratch)
    }
  }

  private static let quantization = StaticQuantization(inverse: 40, zero: 120)
}

/// A picture as samples, and as the planes that they become; both end where memory ends.
private struct Picture {
  private let memory: (planes: GuardedMemory, samples: GuardedMemory, values: GuardedMemory)

  init(_ grid: PatchGrid) {
    var random = SeededGenerator(seed: 5)
    let plane = grid.imageSize * grid.imageSize
    let samples = (0..<grid.channels * plane).map { _ in UInt8.random(in: 0...255, using: &random) }
    var values = random.floats(256 * grid.channels, in: -5...5)
    values[7] = .nan
    let planes = samples.indices.map {
      values[$0 / plane * 256 + Int(samples[$0 % plane * grid.channels + $0 / plane])]
    }
    memory = (GuardedMemory(planes), GuardedMemory(samples), GuardedMemory(values))
  }

  var planes: PatchPixels { .planes(memory.planes.pointer(to: Float.self)) }
  var samples: PatchPixels {
    .samples(memory.samples.pointer(to: UInt8.self), values: memory.values.pointer(to: Float.self))
  }
}
