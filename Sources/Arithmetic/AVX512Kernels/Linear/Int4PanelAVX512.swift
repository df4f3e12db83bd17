import CIntrinsics
import ScalarKernels

/// ``int4Panel(_:_:_:)`` by tiles of up to 16 rows × 16 channels, whose weights are unpacked in registers.
///
/// Unpacking a line of 128 weights takes seven instructions, two of them on the multiplying ports, beside two
/// `vpdpbusd` a row: nothing is written, and the multiplications of one line overlap the reading of the next.
/// The rows are the unsigned ones, as for 8-bit weights.
@inline(never)
package func int4PanelAVX512(_ rows: QuantizedRows, _ weights: Int4Blocks, _ output: PanelOutput) {
  let tiles = (rows.count &+ 15) / 16
  LinesAhead.begin(UnsafeRawPointer(weights.codes), count: weights.groups &* 4)
  var channel = 0
  while channel < output.channels {
    let panel = FloatPanel(output, channel: channel, width: 16, zero: rows.zero)
    let block = weights.advanced(blocks: channel &>> 4)
    var m = 0
    for index in 0..<tiles {
      let count = (rows.count &- m) / (tiles &- index)
      let ahead = LinesAhead(
        UnsafeRawPointer(block.codes), count: block.groups &* 4, part: index, of: tiles)
      switch count {
      case 1: Tile<1, 4>.multiplyFew(rows, m, block, panel)
      case 2: Tile<2, 4>.multiplyFew(rows, m, block, panel)
      case 3: Tile<3, 2>.multiply(rows, m, block, ahead, panel)
      case 4: Tile<4, 2>.multiply(rows, m, block, ahead, panel)
      case 5: Tile<5, 2>.multiply(rows, m, block, ahead, panel)
      case 6: Tile<6, 2>.multiply(rows, m, block, ahead, panel)
      case 7: Tile<7, 2>.multiply(rows, m, block, ahead, panel)
      case 8: Tile<8, 1>.multiply(rows, m, block, ahead, panel)
      case 9: Tile<9, 1>.multiply(rows, m, block, ahead, panel)
      case 10: Tile<10, 1>.multiply(rows, m, block, ahead, panel)
      case 11: Tile<11, 1>.multiply(rows, m, block, ahead, panel)
      case 12: Tile<12, 1>.multiply(rows, m, block, ahead, panel)
      case 13: Tile<13, 1>.multiply(rows, m, block, ahead, panel)
      case 14: Tile<14, 1>.multiply(rows, m, block, ahead, panel)
      case 15: Tile<15, 1>.multiply(rows, m, block, ahead, panel)
      default: Tile<16, 1>.multiply(rows, m, block, ahead, panel)
      }
      m &+= count
    }
    channel &+= 16
  }
}

extension Tile {
  /// One block; columns are parts of its sums.
  @inline(never)
  fileprivate static func multiply(
    _ x: QuantizedRows, _ m: Int, _ weights: Int4Blocks, _ ahead: LinesAhead, _ panel: FloatPanel
  ) {
    var tile = Self(x, m) { $0 == 0 ? panel.start(0) : _mm512_setzero_si512() }
    var ahead = ahead
    var group = 0
    while group < weights.groups {
      let scales = GroupScales(weights.groupScales + group &* 16)
      var line = group &* 4
      while line < group &* 4 &+ 4 {
        ahead.prefetch()
        let codes = _mm512_loadu_si512(weights.codes + line &* 64)
        tile.add(quad: 2 &* line, scales.weights(lowNibbles(codes)), scales.weights(highNibbles(codes)))
        line &+= 1
      }
      group &+= 1
    }
    panel.finish(addingParts: tile, x, m)
  }

  /// The same for one or two rows, two lines a step: with two columns each addition would wait for the one before.
  @inline(never)
  fileprivate static func multiplyFew(
    _ x: QuantizedRows, _ m: Int, _ weights: Int4Blocks, _ panel: FloatPanel
  ) {
    var tile = Self(x, m) { $0 == 0 ? panel.start(0) : _mm512_setzero_si512() }
    var ahead = LinesAhead(UnsafeRawPointer(weights.codes), count: weights.groups &* 4)
    var group = 0
    while group < weights.groups {
      let scales = GroupScales(weights.groupScales + group &* 16)
      var line = group &* 4
      while line < group &* 4 &+ 4 {
        ahead.prefetch()
        let even = _mm512_loadu_si512(weights.codes + line &* 64)
        tile.add(
          quad: 2 &* line, to: (0, 1), scales.weights(lowNibbles(even)), scales.weights(highNibbles(even)))
        ahead.prefetch()
        let odd = _mm512_loadu_si512(weights.codes + (line &+ 1) &* 64)
        tile.add(
          quad: 2 &* line &+ 2, to: (2, 3), scales.weights(lowNibbles(odd)), scales.weights(highNibbles(odd)))
        line &+= 2
      }
      group &+= 1
    }
    panel.finish(addingParts: tile, x, m)
  }
}
