import CIntrinsics
import ScalarKernels

/// Up to 64 output channels, four blocks: which of them exist, and what becomes of their sums.
protocol TilePanel {
  /// How many blocks of 16 there are, 1…4.
  var blocks: Int { get }
  /// Asks for the constants of the next 64 channels: a tile waits for them before its first and its last step.
  func prefetchNext()
  /// What every row's accumulator of a block starts from.
  func start(_ block: Int) -> __m512i
  /// The epilogue of a tile of rows `m…` with a column for each block.
  func finish<let rows: Int, let blocks: Int>(_ tile: Tile<rows, blocks>, _ x: QuantizedRows, _ m: Int)
}

/// Results that are stored as floats.
struct FloatPanel: TilePanel {
  let output: PanelOutput
  private let minusZero: __m512i
  private let present: UInt64

  /// The `width` channels at `channel`, or as many as there are; `zero` is that of the rows.
  @inline(__always)
  init(_ whole: PanelOutput, channel: Int, width: Int, zero: Int32) {
    let count = min(whole.channels &- channel, width)
    output = whole.slice(row: 0, channel: channel, count: count)
    present = ~0 &>> UInt64(64 &- count)
    minusZero = _mm512_set1_epi32(0 &- zero)
  }

  @inline(__always)
  var blocks: Int { (output.channels &+ 15) &>> 4 }

  @inline(__always)
  func prefetchNext() {
    for block in 4..<8 {
      prefetch_line(output.columnSums + 16 &* block)
      prefetch_line(output.scales + 16 &* block)
      prefetch_line(output.bias + 16 &* block)
    }
  }

  /// `−zero · sum` of each channel.
  @inline(__always)
  func start(_ block: Int) -> __m512i {
    _mm512_mullo_epi32(minusZero, _mm512_loadu_si512(output.columnSums + 16 &* block))
  }

  @inline(__always)
  func finish<let rows: Int, let blocks: Int>(_ tile: Tile<rows, blocks>, _ x: QuantizedRows, _ m: Int) {
    tile.forEachRow { row, sums in
      for block in 0..<blocks { finish(sums[unchecked: block], block, x, m &+ row) }
    }
  }

  /// The epilogue of a tile whose columns are parts of the first block's sums.
  @inline(__always)
  func finish<let rows: Int, let parts: Int>(
    addingParts tile: Tile<rows, parts>, _ x: QuantizedRows, _ m: Int
  ) {
    tile.forEachRow { row, sums in
      var sum = sums[unchecked: 0]
      for part in 1..<max(1, parts) { sum = _mm512_add_epi32(sum, sums[unchecked: part]) }
      finish(sum, 0, x, m &+ row)
    }
  }

  /// The epilogue for row `m`; `acc` is already corrected for the zero point.
  @inline(__always)
  func finish(_ acc: __m512i, _ block: Int, _ x: QuantizedRows, _ m: Int) {
    let mask = __mmask16(truncatingIfNeeded: present &>> UInt64(16 &* block))
    let scale = _mm512_mul_ps(_mm512_set1_ps(x.scales[m]), _mm512_loadu_ps(output.scales + 16 &* block))
    let bias = _mm512_loadu_ps(output.bias + 16 &* block)
    var y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc), scale, bias)
    let index = m &* output.stride &+ 16 &* block
    if let residual = output.residual {
      y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, residual + index))
    }
    _mm512_mask_storeu_ps(output.base + index, mask, y)
  }
}
