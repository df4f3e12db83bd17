#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``int4Panel(_:_:_:)`` straight from nibbles, for one or two rows at a time.
  ///
  /// Codes are the unsigned side of `vpdpbusd`. Each group has its own accumulators, which start from
  /// `−zero · Σ a` and are multiplied by the step once; a panel of codes (32 bytes · k) stays in cache for further
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
    /// Products with a group sum. Both factors fit in 16 bits (zero points ≤ 15, |Σ a| ≤ 32 · 128), and the upper
    /// half of a zero point is 0, so `vpmaddwd` is exact and several times faster than `vpmulld`.
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

  /// The packed lines of a panel's four blocks; a block that does not exist repeats the last one.
  private struct Nibbles64 {
    let b0, b1, b2, b3: Int4Blocks
    let groups: Int

    init(_ weights: Int4Blocks, block: Int, blocks: Int) {
      groups = weights.groups
      b0 = weights.advanced(blocks: block)
      b1 = b0.advanced(blocks: min(1, blocks &- 1))
      b2 = b0.advanced(blocks: min(2, blocks &- 1))
      b3 = b0.advanced(blocks: min(3, blocks &- 1))
    }

    /// Codes of inputs `8 · line ..< 8 · line + 4` and of the four after them.
    @inline(__always)
    func line(_ line: Int) -> (low: Lanes64, high: Lanes64) {
      let (x0, x1) = (_mm512_loadu_si512(b0.codes + line &* 64), _mm512_loadu_si512(b1.codes + line &* 64))
      let (x2, x3) = (_mm512_loadu_si512(b2.codes + line &* 64), _mm512_loadu_si512(b3.codes + line &* 64))
      return (Lanes64(low(x0), low(x1), low(x2), low(x3)), Lanes64(high(x0), high(x1), high(x2), high(x3)))
    }

    @inline(__always)
    func metas(_ group: Int) -> (steps: Lanes64, zeros: Lanes64) {
      let (m0, m1) = (meta(b0.metas, group), meta(b1.metas, group))
      let (m2, m3) = (meta(b2.metas, group), meta(b3.metas, group))
      return (Lanes64(step(m0), step(m1), step(m2), step(m3)), Lanes64(zero(m0), zero(m1), zero(m2), zero(m3)))
    }
  }

  /// ``unpackInt4(_:blocks:into:)``, one line of 128 weights a step.
  @inline(never)
  public func unpackInt4AVX512(_ weights: Int4Blocks, blocks: Int, into output: UnsafeMutablePointer<Int8>) {
    var (codes, metas, target) = (weights.codes, weights.metas, UnsafeMutableRawPointer(output))
    for _ in 0..<blocks &* weights.groups {
      let bytes = meta(metas, 0)
      let steps = inEveryWord(step(bytes))
      let offsets = inEveryByte(_mm512_mullo_epi16(step(bytes), zero(bytes)))
      for line in 0..<4 {
        let x = _mm512_loadu_si512(codes + line &* 64)
        target.storeBytes(
          of: weight(low(x), steps, offsets), toByteOffset: line &* 128, as: __m512i.self)
        target.storeBytes(
          of: weight(high(x), steps, offsets), toByteOffset: line &* 128 &+ 64, as: __m512i.self)
      }
      codes += 256
      metas += 16
      target += 512
    }
  }

  /// `step · code − step · zero` in bytes, multiplied as words: neither `step · code` ≤ 240 in the low byte nor the
  /// same in the high byte reaches its neighbour.
  @inline(__always)
  private func weight(_ codes: __m512i, _ steps: __m512i, _ offsets: __m512i) -> __m512i {
    let even = _mm512_mullo_epi16(_mm512_and_si512(codes, _mm512_set1_epi16(0x00ff)), steps)
    let odd = _mm512_mullo_epi16(_mm512_and_si512(codes, _mm512_set1_epi16(-0x0100)), steps)
    return _mm512_sub_epi8(_mm512_or_si512(even, odd), offsets)
  }

  @inline(__always)
  private func low(_ x: __m512i) -> __m512i { _mm512_and_si512(x, _mm512_set1_epi8(15)) }

  @inline(__always)
  private func high(_ x: __m512i) -> __m512i { low(_mm512_srli_epi16(x, 4)) }

  /// The 16 metas of a group, one a lane.
  @inline(__always)
  private func meta(_ metas: UnsafePointer<UInt8>, _ group: Int) -> __m512i {
    _mm512_cvtepu8_epi32(UnsafeRawPointer(metas).loadUnaligned(fromByteOffset: group &* 16, as: __m128i.self))
  }

  @inline(__always)
  private func step(_ meta: __m512i) -> __m512i {
    _mm512_add_epi32(_mm512_and_si512(meta, _mm512_set1_epi32(15)), _mm512_set1_epi32(1))
  }

  @inline(__always)
  private func zero(_ meta: __m512i) -> __m512i { _mm512_srli_epi32(meta, 4) }

  @inline(__always)
  private func inEveryWord(_ x: __m512i) -> __m512i { _mm512_or_si512(x, _mm512_slli_epi32(x, 16)) }

  @inline(__always)
  private func inEveryByte(_ x: __m512i) -> __m512i {
    let words = inEveryWord(x)
    return _mm512_or_si512(words, _mm512_slli_epi16(words, 8))
  }
#endif
