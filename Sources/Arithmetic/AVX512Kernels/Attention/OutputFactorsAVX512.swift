import CIntrinsics
import ScalarKernels

/// V's scales and offsets of 64 channels.
struct ValueScales {
  typealias Registers = (a: __m512, b: __m512, c: __m512, d: __m512)

  let scale: Registers
  let offset: Registers

  @inline(__always)
  init(_ tile: PageTile, _ page: Int, _ channel: Int) {
    let scales = tile.section(page, tile.format.valueScales) + channel
    let offsets = tile.section(page, tile.format.valueOffsets) + channel
    scale = (loadHalf(scales), loadHalf(scales + 16), loadHalf(scales + 32), loadHalf(scales + 48))
    offset = (loadHalf(offsets), loadHalf(offsets + 16), loadHalf(offsets + 32), loadHalf(offsets + 48))
  }
}

/// What a cell's sums and a row's `o` are multiplied by.
struct OutputFactors {
  let sum: __m512
  let keep: __m512
  let step: __m512

  @inline(__always)
  init(_ tile: PageTile, _ cell: Int) {
    (sum, keep, step) = (tile.broadcast(.sum, cell), tile.broadcast(.keep, cell), tile.broadcast(.step, cell))
  }
}

/// The same where tokens have scales: all channels share one scale and one offset.
struct TokenFactors {
  let scale: __m512
  let offset: __m512
  let keep: __m512
  let step: __m512

  @inline(__always)
  init(_ tile: PageTile, _ cell: Int) {
    (scale, offset) = (tile.broadcast(.scale, cell), tile.broadcast(.offset, cell))
    (keep, step) = (tile.broadcast(.keep, cell), tile.broadcast(.step, cell))
  }
}
