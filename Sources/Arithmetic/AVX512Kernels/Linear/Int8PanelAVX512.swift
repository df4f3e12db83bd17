import CIntrinsics
import ScalarKernels

/// Rows up to which weights are read by tiles of few rows; from more on, tiles of many rows read a panel from the cache.
///
/// It is also where codes of GELU without floats in between begin: they are the end of a tile of many rows. With few
/// rows a layer waits for its weights, and what its floats cost is hidden behind that.
package let int8PanelFewRows = 32

/// The unsigned codes that ``int8Panel(_:_:_:)`` and then ``quantizeGELU(_:stride:rows:_:into:)`` give, for more than
/// ``int8PanelFewRows`` rows of one scale. Of `output` only the constants are read.
@inline(never)
package func int8PanelGELUAVX512(
  _ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput, _ gelu: FixedPointGELU,
  _ codes: CodeRows
) {
  withUnsafePointer(to: GELURegisters(gelu)) { gelu in
    many(rows, weights, channels: output.channels) {
      GELUPanel(
        FloatPanel(output, channel: $0, width: 64, zero: rows.zero), rowScale: rows.scales[0], gelu, codes,
        column: $0)
    }
  }
}

/// ``int8Panel(_:_:_:)``: few rows so that reading weights overlaps multiplying, many so that loads are few.
@inline(never)
package func int8PanelAVX512(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  if rows.count == 1, output.channels <= 16 {
    one(rows, weights, output)
  } else if rows.count <= int8PanelFewRows {
    few(rows, weights, output)
  } else {
    many(rows, weights, output)
  }
}

/// By tiles of up to 12 rows × 32 channels: 24 accumulators, two lines of weights and one broadcast are in
/// registers, and 14 loads feed 24 multiplications.
///
/// Rows beyond 12 are further passes over the same two blocks, which stay in the cache (32 bytes · k), while
/// the next two are on their way.
private func few(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  let tiles = (rows.count &+ 11) / 12
  LinesAhead.begin(UnsafeRawPointer(weights.codes), count: 2 &* weights.quads)
  var channel = 0
  while channel < output.channels {
    let panel = FloatPanel(output, channel: channel, width: 32, zero: rows.zero)
    let blocks = weights.advanced(blocks: channel &>> 4)
    var m = 0
    for index in 0..<tiles {
      // Even tiles: 25 rows are 8, 8 and 9, not 12, 12 and 1, because a short tile waits for its accumulators.
      let count = (rows.count &- m) / (tiles &- index)
      let ahead = LinesAhead(blocks, count: 2 &* blocks.quads, share: 1, part: index, of: tiles)
      switch count {
      case 1: Tile<1, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 2: Tile<2, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 3: Tile<3, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 4: Tile<4, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 5: Tile<5, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 6: Tile<6, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 7: Tile<7, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 8: Tile<8, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 9: Tile<9, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 10: Tile<10, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      case 11: Tile<11, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      default: Tile<12, 2>.multiplyTwo(rows, m, blocks, ahead, panel)
      }
      m &+= count
    }
    channel &+= 32
  }
}

/// One row and one block, which is all that is wanted: nothing is asked for ahead.
private func one(_ row: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  let panel = FloatPanel(output, channel: 0, width: 16, zero: row.zero)
  Tile<1, 4>.multiplyOne(row, 0, weights, panel)
}

/// By tiles of 4 to 6 rows × 64 channels: 10 loads for 24 multiplications. A panel of weights (64 bytes · k) stays
/// in the second-level cache for the next tile, and the one after it is on its way there.
private func many(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  many(rows, weights, channels: output.channels) {
    FloatPanel(output, channel: $0, width: 64, zero: rows.zero)
  }
}

@inline(__always)
private func many<Panel: TilePanel>(
  _ rows: QuantizedRows, _ weights: Int8Blocks, channels: Int, _ panel: (_ channel: Int) -> Panel
) {
  let tiles = (rows.count &+ 5) / 6
  var channel = 0
  while channel < channels {
    let panel = panel(channel)
    panel.prefetchNext()
    let blocks = weights.advanced(blocks: channel &>> 4)
    var m = 0
    for index in 0..<tiles {
      let count = (rows.count &- m) / (tiles &- index)
      let ahead = LinesAhead(blocks, count: 4 &* blocks.quads, share: 4, part: index, of: tiles)
      switch count {
      case 4: Tile<4, 4>.multiplyFour(rows, m, blocks, ahead, panel)
      case 5: Tile<5, 4>.multiplyFour(rows, m, blocks, ahead, panel)
      default: Tile<6, 4>.multiplyFour(rows, m, blocks, ahead, panel)
      }
      m &+= count
    }
    channel &+= 64
  }
}

extension Tile {
  /// Two blocks, while `ahead` asks for what follows them.
  @inline(never)
  fileprivate static func multiplyTwo(
    _ x: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ ahead: LinesAhead, _ panel: FloatPanel
  ) {
    var tile = Self(x, m) { panel.start($0) }
    let blocks = columnBlocks(weights, panel)
    var ahead = ahead
    var quad = 0
    while quad < weights.quads {
      ahead.prefetch()
      ahead.prefetch()
      tile.add(quad: quad, InlineArray { blocks[unchecked: $0].line(quad) })
      quad &+= 1
    }
    panel.finish(tile, x, m)
  }

  /// One block; columns are parts of its sums, so that no addition waits for the one before.
  @inline(never)
  fileprivate static func multiplyOne(
    _ x: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ panel: FloatPanel
  ) {
    var tile = Self(x, m) { $0 == 0 ? panel.start(0) : _mm512_setzero_si512() }
    var quad = 0
    while quad &+ 3 < weights.quads {
      tile.add(quad: quad, to: (0, 1), weights.line(quad), weights.line(quad &+ 1))
      tile.add(quad: quad &+ 2, to: (2, 3), weights.line(quad &+ 2), weights.line(quad &+ 3))
      quad &+= 4
    }
    while quad < weights.quads {
      tile.add(quad: quad, toFirst: weights.line(quad))
      quad &+= 1
    }
    panel.finish(addingParts: tile, x, m)
  }

  /// Four blocks, while `ahead` asks for what follows them.
  @inline(never)
  fileprivate static func multiplyFour<Panel: TilePanel>(
    _ x: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ ahead: LinesAhead, _ panel: Panel
  ) {
    var tile = Self(x, m) { panel.start($0) }
    let blocks = columnBlocks(weights, panel)
    var ahead = ahead
    var quad = 0
    while quad < weights.quads {
      ahead.prefetchEarly()
      tile.add(quad: quad, InlineArray { blocks[unchecked: $0].line(quad) })
      quad &+= 1
    }
    panel.finish(tile, x, m)
  }

  /// A block for each column. One that does not exist repeats the last one; its sums are never stored.
  @inline(__always)
  private static func columnBlocks<Panel: TilePanel>(
    _ weights: Int8Blocks, _ panel: Panel
  ) -> InlineArray<columns, Int8Blocks> {
    InlineArray { weights.advanced(blocks: min($0, panel.blocks &- 1)) }
  }
}

extension Int8Blocks {
  @inline(__always)
  fileprivate func line(_ quad: Int) -> __m512i { _mm512_loadu_si512(codes + quad &* 64) }
}
