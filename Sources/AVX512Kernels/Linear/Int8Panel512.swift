#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``int8Panel(_:_:_:)`` by tiles of up to 6 rows × 64 channels.
  ///
  /// `vpdpbusd` adds four products of an unsigned and a signed byte to an int32 without saturating. A tile
  /// holds 24 accumulators, 4 lines of weights and one broadcast: 29 of 32 registers, and 6 · 64 · 4 products
  /// for 4 loads of weights. Tiles run over the whole of k, so partial sums never leave registers; a panel of
  /// weights (64 bytes · k) stays in the second-level cache for the next tile.
  @inline(never)
  public func int8PanelAVX512(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
    var channel = 0
    while channel < output.channels {
      let panel = Panel512(output, channel: channel, zero: rows.zero)
      multiply(rows, Weights64(weights, block: channel &>> 4, blocks: panel.blocks), panel)
      channel &+= 64
    }
  }

  /// Splits the rows evenly: 7 rows are 4 and 3, not 6 and 1, because a short tile waits for its few
  /// accumulators.
  private func multiply(_ rows: QuantizedRows, _ weights: Weights64, _ panel: Panel512) {
    let tiles = (rows.count &+ 5) / 6
    var m = 0
    for index in 0..<tiles {
      let count = (rows.count &- m) / (tiles &- index)
      switch count {
      case 1: tile1(rows, m, weights, panel)
      case 2: tile2(rows, m, weights, panel)
      case 3: tile3(rows, m, weights, panel)
      case 4: tile4(rows, m, weights, panel)
      case 5: tile5(rows, m, weights, panel)
      default: tile6(rows, m, weights, panel)
      }
      m &+= count
    }
  }

  /// The lines of a panel's four blocks. A block that does not exist repeats the last one: its products are
  /// computed and never stored.
  private struct Weights64 {
    let w0, w1, w2, w3: UnsafePointer<Int8>
    let quads: Int

    init(_ weights: Int8Blocks, block: Int, blocks: Int) {
      quads = weights.quads
      w0 = weights.codes + block &* quads &* 64
      w1 = w0 + min(1, blocks &- 1) &* quads &* 64
      w2 = w0 + min(2, blocks &- 1) &* quads &* 64
      w3 = w0 + min(3, blocks &- 1) &* quads &* 64
    }

    @inline(__always)
    func line(_ quad: Int) -> Lanes64 {
      Lanes64(
        _mm512_loadu_si512(w0 + quad &* 64), _mm512_loadu_si512(w1 + quad &* 64),
        _mm512_loadu_si512(w2 + quad &* 64), _mm512_loadu_si512(w3 + quad &* 64))
    }
  }

  @inline(never)
  private func tile6(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    let a1 = a0 + rows.stride
    let a2 = a1 + rows.stride
    let a3 = a2 + rows.stride
    let a4 = a3 + rows.stride
    let a5 = a4 + rows.stride
    var c0 = panel.start
    var c1 = panel.start
    var c2 = panel.start
    var c3 = panel.start
    var c4 = panel.start
    var c5 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      c1.add(broadcastQuad(a1, quad), times: w)
      c2.add(broadcastQuad(a2, quad), times: w)
      c3.add(broadcastQuad(a3, quad), times: w)
      c4.add(broadcastQuad(a4, quad), times: w)
      c5.add(broadcastQuad(a5, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
    panel.finish(c2, rows, m &+ 2)
    panel.finish(c3, rows, m &+ 3)
    panel.finish(c4, rows, m &+ 4)
    panel.finish(c5, rows, m &+ 5)
  }

  @inline(never)
  private func tile5(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    let a1 = a0 + rows.stride
    let a2 = a1 + rows.stride
    let a3 = a2 + rows.stride
    let a4 = a3 + rows.stride
    var c0 = panel.start
    var c1 = panel.start
    var c2 = panel.start
    var c3 = panel.start
    var c4 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      c1.add(broadcastQuad(a1, quad), times: w)
      c2.add(broadcastQuad(a2, quad), times: w)
      c3.add(broadcastQuad(a3, quad), times: w)
      c4.add(broadcastQuad(a4, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
    panel.finish(c2, rows, m &+ 2)
    panel.finish(c3, rows, m &+ 3)
    panel.finish(c4, rows, m &+ 4)
  }

  @inline(never)
  private func tile4(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    let a1 = a0 + rows.stride
    let a2 = a1 + rows.stride
    let a3 = a2 + rows.stride
    var c0 = panel.start
    var c1 = panel.start
    var c2 = panel.start
    var c3 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      c1.add(broadcastQuad(a1, quad), times: w)
      c2.add(broadcastQuad(a2, quad), times: w)
      c3.add(broadcastQuad(a3, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
    panel.finish(c2, rows, m &+ 2)
    panel.finish(c3, rows, m &+ 3)
  }

  @inline(never)
  private func tile3(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    let a1 = a0 + rows.stride
    let a2 = a1 + rows.stride
    var c0 = panel.start
    var c1 = panel.start
    var c2 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      c1.add(broadcastQuad(a1, quad), times: w)
      c2.add(broadcastQuad(a2, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
    panel.finish(c2, rows, m &+ 2)
  }

  @inline(never)
  private func tile2(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    let a1 = a0 + rows.stride
    var c0 = panel.start
    var c1 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      c1.add(broadcastQuad(a1, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
  }

  @inline(never)
  private func tile1(_ rows: QuantizedRows, _ m: Int, _ weights: Weights64, _ panel: Panel512) {
    let a0 = UnsafeRawPointer(rows.unsigned + m &* rows.stride)
    var c0 = panel.start
    var quad = 0
    while quad < weights.quads {
      let w = weights.line(quad)
      c0.add(broadcastQuad(a0, quad), times: w)
      quad &+= 1
    }
    panel.finish(c0, rows, m)
  }
#endif
