#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``int4Panel(_:_:_:)`` straight from nibbles, for one or two rows at a time.
  ///
  /// Codes are the unsigned side of `vpdpbusd`. Each group has its own accumulators, which start from `−zero
  /// · Σ a` and are multiplied by the step once; a panel of codes (32 bytes · k) stays in cache for further
  /// rows.
  @inline(never)
  public func int4PanelAVX512(_ rows: QuantizedRows, _ weights: Int4Blocks, _ output: PanelOutput) {
    var channel = 0
    while channel < output.channels {
      let panel = Panel512(output, channel: channel, zero: rows.zero &- 128)
      let blocks = Nibbles64(weights, block: channel &>> 4, blocks: panel.blocks)
      var m = 0
      while m &+ 2 <= rows.count {
        tile2(rows, m, blocks, panel)
        m &+= 2
      }
      if m < rows.count { tile1(rows, m, blocks, panel) }
      channel &+= 64
    }
  }

  @inline(never)
  private func tile1(_ rows: QuantizedRows, _ m: Int, _ weights: Nibbles64, _ panel: Panel512) {
    guard let signed = rows.signed, let groupSums = rows.groupSums else { return }
    let a0 = UnsafeRawPointer(signed + m &* rows.stride)
    let sums = groupSums + m &* rows.groupStride
    var c0 = panel.start
    var group = 0
    while group < weights.groups {
      let (steps, zeros) = weights.metas(group)
      var dot0 = zeros.scaled(by: 0 &- sums[group])
      var line = group &* 4
      while line < group &* 4 &+ 4 {
        let (low, high) = weights.line(line)
        dot0.add(low, times: broadcastQuad(a0, 2 &* line))
        dot0.add(high, times: broadcastQuad(a0, 2 &* line &+ 1))
        line &+= 1
      }
      c0.add(dot0, scaledBy: steps)
      group &+= 1
    }
    panel.finish(c0, rows, m)
  }

  @inline(never)
  private func tile2(_ rows: QuantizedRows, _ m: Int, _ weights: Nibbles64, _ panel: Panel512) {
    guard let signed = rows.signed, let groupSums = rows.groupSums else { return }
    let a0 = UnsafeRawPointer(signed + m &* rows.stride)
    let a1 = a0 + rows.stride
    let sums = groupSums + m &* rows.groupStride
    var c0 = panel.start
    var c1 = panel.start
    var group = 0
    while group < weights.groups {
      let (steps, zeros) = weights.metas(group)
      var dot0 = zeros.scaled(by: 0 &- sums[group])
      var dot1 = zeros.scaled(by: 0 &- sums[rows.groupStride &+ group])
      var line = group &* 4
      while line < group &* 4 &+ 4 {
        let (low, high) = weights.line(line)
        dot0.add(low, times: broadcastQuad(a0, 2 &* line))
        dot1.add(low, times: broadcastQuad(a1, 2 &* line))
        dot0.add(high, times: broadcastQuad(a0, 2 &* line &+ 1))
        dot1.add(high, times: broadcastQuad(a1, 2 &* line &+ 1))
        line &+= 1
      }
      c0.add(dot0, scaledBy: steps)
      c1.add(dot1, scaledBy: steps)
      group &+= 1
    }
    panel.finish(c0, rows, m)
    panel.finish(c1, rows, m &+ 1)
  }

  extension Lanes64 {
    /// Adds the products of four codes per channel and four signed bytes, the same for every channel.
    @inline(__always)
    fileprivate mutating func add(_ codes: Lanes64, times signed: __m512i) {
      v0 = _mm512_dpbusd_epi32(v0, codes.v0, signed)
      v1 = _mm512_dpbusd_epi32(v1, codes.v1, signed)
      v2 = _mm512_dpbusd_epi32(v2, codes.v2, signed)
      v3 = _mm512_dpbusd_epi32(v3, codes.v3, signed)
    }

    /// Products with a group sum. Both factors fit in 16 bits (zero points ≤ 15, |Σ a| ≤ 32 · 128), and the
    /// upper half of a zero point is 0, so `vpmaddwd` is exact and several times faster than `vpmulld`.
    @inline(__always)
    fileprivate func scaled(by sum: Int32) -> Lanes64 {
      let factor = _mm512_set1_epi32(sum)
      return Lanes64(
        _mm512_madd_epi16(v0, factor), _mm512_madd_epi16(v1, factor), _mm512_madd_epi16(v2, factor),
        _mm512_madd_epi16(v3, factor))
    }

    @inline(__always)
    fileprivate mutating func add(_ dot: Lanes64, scaledBy steps: Lanes64) {
      v0 = _mm512_add_epi32(v0, _mm512_mullo_epi32(dot.v0, steps.v0))
      v1 = _mm512_add_epi32(v1, _mm512_mullo_epi32(dot.v1, steps.v1))
      v2 = _mm512_add_epi32(v2, _mm512_mullo_epi32(dot.v2, steps.v2))
      v3 = _mm512_add_epi32(v3, _mm512_mullo_epi32(dot.v3, steps.v3))
    }
  }
#endif
