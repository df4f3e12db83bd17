#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// One register for each of the four blocks of a panel: weights, or accumulators of one row.
  struct Lanes64 {
    var v0, v1, v2, v3: __m512i

    @inline(__always)
    init(_ v0: __m512i, _ v1: __m512i, _ v2: __m512i, _ v3: __m512i) {
      self.v0 = v0
      self.v1 = v1
      self.v2 = v2
      self.v3 = v3
    }

    /// Adds the products of four unsigned bytes, the same for every channel, and four signed ones per
    /// channel.
    @inline(__always)
    mutating func add(_ unsigned: __m512i, times signed: Lanes64) {
      v0 = _mm512_dpbusd_epi32(v0, unsigned, signed.v0)
      v1 = _mm512_dpbusd_epi32(v1, unsigned, signed.v1)
      v2 = _mm512_dpbusd_epi32(v2, unsigned, signed.v2)
      v3 = _mm512_dpbusd_epi32(v3, unsigned, signed.v3)
    }
  }

  /// Four bytes at `row + 4 · quad` in every lane.
  @inline(__always)
  func broadcastQuad(_ row: UnsafeRawPointer, _ quad: Int) -> __m512i {
    _mm512_set1_epi32(row.loadUnaligned(fromByteOffset: quad &* 4, as: Int32.self))
  }

  /// Up to 64 output channels: which of them exist, and their epilogue.
  struct Panel512 {
    let output: PanelOutput
    /// `−zero · sum` of each channel: what every row's accumulator starts from.
    let start: Lanes64
    private let present: UInt64

    /// The panel at `channel`; `zero` is that of the activation form that the kernel multiplies.
    @inline(__always)
    init(_ whole: PanelOutput, channel: Int, zero: Int32) {
      let count = min(whole.channels &- channel, 64)
      output = whole.slice(row: 0, channel: channel, count: count)
      present = ~0 &>> UInt64(64 &- count)
      let factor = _mm512_set1_epi32(0 &- zero)
      let sums = output.sums
      start = Lanes64(
        _mm512_mullo_epi32(factor, _mm512_loadu_si512(sums)),
        _mm512_mullo_epi32(factor, _mm512_loadu_si512(sums + 16)),
        _mm512_mullo_epi32(factor, _mm512_loadu_si512(sums + 32)),
        _mm512_mullo_epi32(factor, _mm512_loadu_si512(sums + 48)))
    }

    /// How many blocks of 16 the panel has, 1…4.
    @inline(__always)
    var blocks: Int { (output.channels &+ 15) &>> 4 }

    /// The epilogue for row `m`; `acc` is already corrected for the zero point.
    @inline(__always)
    func finish(_ acc: Lanes64, _ rows: QuantizedRows, _ m: Int) {
      let scale = _mm512_set1_ps(rows.scales[m])
      finish(acc.v0, 0, scale, m)
      finish(acc.v1, 1, scale, m)
      finish(acc.v2, 2, scale, m)
      finish(acc.v3, 3, scale, m)
    }

    @inline(__always)
    private func finish(_ acc: __m512i, _ block: Int, _ rowScale: __m512, _ m: Int) {
      let mask = __mmask16(truncatingIfNeeded: present &>> UInt64(16 &* block))
      let scale = _mm512_mul_ps(rowScale, _mm512_loadu_ps(output.scales + 16 &* block))
      let bias = _mm512_loadu_ps(output.bias + 16 &* block)
      var y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc), scale, bias)
      let index = m &* output.stride &+ 16 &* block
      if let residual = output.residual {
        y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, residual + index))
      }
      _mm512_mask_storeu_ps(output.base + index, mask, y)
    }
  }
#endif
