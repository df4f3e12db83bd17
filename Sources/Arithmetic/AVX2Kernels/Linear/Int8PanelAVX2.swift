import CIntrinsics
import LaneBodies
import ScalarKernels

/// ``int8Panel(_:_:_:)`` by tiles of up to 4 rows × 16 channels.
///
/// `vpmaddubsw` saturates for an unsigned byte times a signed one (2 · 255 · 127 > 2¹⁵ − 1). So activations
/// are made signed (`code − 128`, with the zero point moved alike) and the sign of each goes to its weight:
/// `a · w = |a| · sign(a) · w`. Then a pair is at most 2 · 128 · 127 = 32512 and nothing saturates. Weights
/// are −127…127 by contract, so changing their sign cannot wrap.
@inline(never)
package func int8PanelAVX2(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  var channel = 0
  while channel < output.channels {
    let block = ChannelBlock(output, channel: channel, zero: rows.zero &- 128)
    multiply(rows, weights.advanced(blocks: channel &>> 4), block)
    channel &+= 16
  }
}

private func multiply(_ rows: QuantizedRows, _ weights: Int8Blocks, _ block: ChannelBlock) {
  let tiles = (rows.count &+ 3) / 4
  var m = 0
  for index in 0..<tiles {
    // Even tiles: 5 rows are 2 and 3, not 4 and 1, because a short tile waits for its accumulators.
    let count = (rows.count &- m) / (tiles &- index)
    switch count {
    case 1: Tile<1>.multiply(rows, m, weights, block)
    case 2: Tile<2>.multiply(rows, m, weights, block)
    case 3: Tile<3>.multiply(rows, m, weights, block)
    default: Tile<4>.multiply(rows, m, weights, block)
    }
    m &+= count
  }
}

/// The accumulators of `rows` rows and one block of channels, which stay in registers over the whole of k: eight of the
/// sixteen for four rows, beside two of weights and what the sign trick needs.
private struct Tile<let rows: Int> {
  private var sums: InlineArray<rows, Integers>

  @inline(never)
  static func multiply(_ x: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ block: ChannelBlock) {
    var tile = Self(sums: InlineArray(repeating: block.start))
    let codes = InlineArray<rows, UnsafeRawPointer> { UnsafeRawPointer(x.unsigned + (m &+ $0) &* x.stride) }
    var quad = 0
    while quad < weights.quads {
      let line = Integers(at: weights.codes + quad &* 64)
      var row = 0
      while row < rows {
        tile.sums[unchecked: row].add(broadcastQuad(codes[unchecked: row], quad), times: line)
        row &+= 1
      }
      quad &+= 1
    }
    tile.finish(block, x, m)
  }

  /// The epilogue, written out: were a loop to index the accumulators, they would be stored at every step of k.
  @inline(__always)
  private func finish(_ block: ChannelBlock, _ x: QuantizedRows, _ m: Int) {
    if rows > 0 { block.finish(sums[unchecked: 0], x, m) }
    if rows > 1 { block.finish(sums[unchecked: 1], x, m &+ 1) }
    if rows > 2 { block.finish(sums[unchecked: 2], x, m &+ 2) }
    if rows > 3 { block.finish(sums[unchecked: 3], x, m &+ 3) }
  }
}

extension Integers {
  /// Adds the products of four unsigned codes, the same for every channel, and four weights per channel.
  @inline(__always)
  fileprivate mutating func add(_ unsigned: __m256i, times weights: Integers) {
    let signed = _mm256_xor_si256(unsigned, _mm256_set1_epi8(-128))
    let magnitude = _mm256_abs_epi8(signed)
    low = _mm256_add_epi32(low, products(magnitude, _mm256_sign_epi8(weights.low, signed)))
    high = _mm256_add_epi32(high, products(magnitude, _mm256_sign_epi8(weights.high, signed)))
  }
}

/// Sums of four products of bytes in each lane.
@inline(__always)
private func products(_ unsigned: __m256i, _ signed: __m256i) -> __m256i {
  _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned, signed), _mm256_set1_epi16(1))
}
