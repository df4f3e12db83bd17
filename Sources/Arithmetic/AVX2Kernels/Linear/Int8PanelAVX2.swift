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
    let count = (rows.count &- m) / (tiles &- index)
    switch count {
    case 1: tile1(rows, m, weights, block)
    case 2: tile2(rows, m, weights, block)
    case 3: tile3(rows, m, weights, block)
    default: tile4(rows, m, weights, block)
    }
    m &+= count
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

@inline(never)
private func tile4(_ rows: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ block: ChannelBlock) {
  let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
  let a1 = a0 + rows.stride
  let a2 = a1 + rows.stride
  let a3 = a2 + rows.stride
  var c0 = block.start
  var c1 = block.start
  var c2 = block.start
  var c3 = block.start
  var quad = 0
  while quad < weights.quads {
    let w = Integers(at: weights.codes + quad &* 64)
    c0.add(broadcastQuad(a0, quad), times: w)
    c1.add(broadcastQuad(a1, quad), times: w)
    c2.add(broadcastQuad(a2, quad), times: w)
    c3.add(broadcastQuad(a3, quad), times: w)
    quad &+= 1
  }
  block.finish(c0, rows, m)
  block.finish(c1, rows, m &+ 1)
  block.finish(c2, rows, m &+ 2)
  block.finish(c3, rows, m &+ 3)
}

@inline(never)
private func tile3(_ rows: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ block: ChannelBlock) {
  let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
  let a1 = a0 + rows.stride
  let a2 = a1 + rows.stride
  var c0 = block.start
  var c1 = block.start
  var c2 = block.start
  var quad = 0
  while quad < weights.quads {
    let w = Integers(at: weights.codes + quad &* 64)
    c0.add(broadcastQuad(a0, quad), times: w)
    c1.add(broadcastQuad(a1, quad), times: w)
    c2.add(broadcastQuad(a2, quad), times: w)
    quad &+= 1
  }
  block.finish(c0, rows, m)
  block.finish(c1, rows, m &+ 1)
  block.finish(c2, rows, m &+ 2)
}

@inline(never)
private func tile2(_ rows: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ block: ChannelBlock) {
  let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
  let a1 = a0 + rows.stride
  var c0 = block.start
  var c1 = block.start
  var quad = 0
  while quad < weights.quads {
    let w = Integers(at: weights.codes + quad &* 64)
    c0.add(broadcastQuad(a0, quad), times: w)
    c1.add(broadcastQuad(a1, quad), times: w)
    quad &+= 1
  }
  block.finish(c0, rows, m)
  block.finish(c1, rows, m &+ 1)
}

@inline(never)
private func tile1(_ rows: QuantizedRows, _ m: Int, _ weights: Int8Blocks, _ block: ChannelBlock) {
  let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
  var c0 = block.start
  var quad = 0
  while quad < weights.quads {
    let w = Integers(at: weights.codes + quad &* 64)
    c0.add(broadcastQuad(a0, quad), times: w)
    quad &+= 1
  }
  block.finish(c0, rows, m)
}
