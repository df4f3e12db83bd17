import CIntrinsics
import LaneBodies
import ScalarKernels

/// ``quantizePatches(_:_:_:_:into:scratch:quantize:)``; of patches of 16 × 16 pixels, which most models have, no float is
/// stored.
@inline(never)
package func quantizePatchesAVX512(
  _ pixels: PatchPixels, _ grid: PatchGrid, _ range: Range<Int>, _ quantization: StaticQuantization,
  into codes: CodeRows, scratch: UnsafeMutablePointer<Float>
) {
  let isUsual = grid.patchSize == 16 && codes.first.signed == nil
  switch pixels {
  case .planes(let planes) where isUsual: quantize(planes, grid, range, quantization, codes)
  case .samples(let samples, let values) where isUsual && grid.channels == 3:
    SampleCodes(values, quantization, scratch).encode(samples, grid, range, codes)
  default:
    quantizePatches(pixels, grid, range, quantization, into: codes, scratch: scratch) {
      quantizeRowStaticAVX512($0, columns: $1, $2, into: $3)
    }
  }
}

/// A line of a patch is a register. Each asks for that of the patch after the next: lines lie too far apart for the
/// hardware to see where reading goes.
private func quantize(
  _ planes: UnsafePointer<Float>, _ grid: PatchGrid, _ range: Range<Int>,
  _ quantization: StaticQuantization, _ codes: CodeRows
) {
  let size = grid.imageSize
  for (row, patch) in range.enumerated() {
    let corner = planes + grid.corner(patch)
    Lanes.encode(codes.columns, quantization, codes[row]) { i, remaining in
      let (channel, y) = (i &>> 8, i &>> 4 & 15)
      let line = corner + (channel &* size &+ y) &* size
      prefetch_line(line + 2 &* 16)
      return Lanes(line, remaining: remaining)
    }
  }
}

/// The code of each sample of red, green and blue, in registers: 16 pixels are looked up at once.
private struct SampleCodes {
  private let red, green, blue: Table
  /// Puts 16 pixels' red first, then their green, then their blue.
  private let order: __m512i

  /// - Parameter scratch: Room for 768 values.
  @inline(__always)
  init(
    _ values: UnsafePointer<Float>, _ quantization: StaticQuantization,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let bytes = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt8.self)
    let codes = RowCodes(unsigned: bytes, signed: nil, groupSums: nil)
    quantizeRowStaticAVX512(values, columns: 768, quantization, into: codes)
    (red, green, blue) = (Table(bytes), Table(bytes + 256), Table(bytes + 512))
    for channel in 0..<3 {
      for pixel in 0..<16 { bytes[16 &* channel &+ pixel] = UInt8(3 &* pixel &+ channel) }
    }
    order = _mm512_maskz_loadu_epi8(pixelBytes, bytes)
  }

  @inline(__always)
  func encode(_ samples: UnsafePointer<UInt8>, _ grid: PatchGrid, _ range: Range<Int>, _ codes: CodeRows) {
    for (row, patch) in range.enumerated() {
      var (source, target) = (samples + 3 &* grid.corner(patch), codes[row].unsigned)
      for _ in 0..<16 {
        prefetch_line(source + 2 &* 48)
        let line = _mm512_permutexvar_epi8(order, _mm512_maskz_loadu_epi8(pixelBytes, source))
        red.store(line, to: target, quarter: 0)
        green.store(line, to: target + 256, quarter: 1)
        blue.store(line, to: target + 512, quarter: 2)
        source += 3 &* grid.imageSize
        target += 16
      }
    }
  }
}

/// The codes of one channel's 256 samples.
private struct Table {
  private let a, b, c, d: __m512i

  @inline(__always)
  init(_ codes: UnsafePointer<UInt8>) {
    (a, b) = (_mm512_loadu_si512(codes), _mm512_loadu_si512(codes + 64))
    (c, d) = (_mm512_loadu_si512(codes + 128), _mm512_loadu_si512(codes + 192))
  }

  /// Writes the codes of the 16 samples in one quarter of a register.
  @inline(__always)
  func store(_ samples: __m512i, to target: UnsafeMutablePointer<UInt8>, quarter: Int) {
    let lower = _mm512_permutex2var_epi8(a, samples, b)
    let upper = _mm512_permutex2var_epi8(c, samples, d)
    let codes = _mm512_mask_mov_epi8(lower, _mm512_movepi8_mask(samples), upper)
    let first = 16 &* quarter
    _mm512_mask_storeu_epi8(target - first, 0xffff &<< __mmask64(first), codes)
  }
}

/// The bytes of 16 pixels.
private var pixelBytes: __mmask64 { 0xffff_ffff_ffff }
