#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// The packed 4-bit lines and metas of a panel's four blocks; a block that does not exist repeats the last
  /// one.
  struct Nibbles64 {
    private let b0, b1, b2, b3: Int4Blocks

    @inline(__always)
    init(_ weights: Int4Blocks, block: Int, blocks: Int) {
      b0 = weights.advanced(blocks: block)
      b1 = b0.advanced(blocks: min(1, blocks &- 1))
      b2 = b0.advanced(blocks: min(2, blocks &- 1))
      b3 = b0.advanced(blocks: min(3, blocks &- 1))
    }

    @inline(__always)
    var groups: Int { b0.groups }

    /// Codes of inputs `8 · line ..< 8 · line + 4` and of the four after them.
    @inline(__always)
    func line(_ line: Int) -> (low: Lanes64, high: Lanes64) {
      let (x0, x1) = (_mm512_loadu_si512(b0.codes + line &* 64), _mm512_loadu_si512(b1.codes + line &* 64))
      let (x2, x3) = (_mm512_loadu_si512(b2.codes + line &* 64), _mm512_loadu_si512(b3.codes + line &* 64))
      prefetch(line &+ 32)
      return (
        Lanes64(lowNibbles(x0), lowNibbles(x1), lowNibbles(x2), lowNibbles(x3)),
        Lanes64(highNibbles(x0), highNibbles(x1), highNibbles(x2), highNibbles(x3))
      )
    }

    /// Asks for lines 2 KiB ahead. With eight short streams the hardware's own prefetching leaves a quarter
    /// of the memory bandwidth unused (26 against 36 GB/s where reading alone reaches 44).
    @inline(__always)
    private func prefetch(_ line: Int) {
      prefetch_line(b0.codes + line &* 64)
      prefetch_line(b1.codes + line &* 64)
      prefetch_line(b2.codes + line &* 64)
      prefetch_line(b3.codes + line &* 64)
    }

    @inline(__always)
    func metas(_ group: Int) -> (steps: Lanes64, zeros: Lanes64) {
      let (m0, m1) = (GroupMeta(b0.metas, group), GroupMeta(b1.metas, group))
      let (m2, m3) = (GroupMeta(b2.metas, group), GroupMeta(b3.metas, group))
      return (
        Lanes64(m0.steps, m1.steps, m2.steps, m3.steps), Lanes64(m0.zeros, m1.zeros, m2.zeros, m3.zeros)
      )
    }
  }

  /// Steps and zero points of 16 channels in one group, one a lane.
  struct GroupMeta {
    private let bytes: __m512i

    @inline(__always)
    init(_ metas: UnsafePointer<UInt8>, _ group: Int) {
      bytes = _mm512_cvtepu8_epi32(
        UnsafeRawPointer(metas).loadUnaligned(fromByteOffset: group &* 16, as: __m128i.self))
    }

    @inline(__always)
    var steps: __m512i {
      _mm512_add_epi32(_mm512_and_si512(bytes, _mm512_set1_epi32(15)), _mm512_set1_epi32(1))
    }

    @inline(__always)
    var zeros: __m512i { _mm512_srli_epi32(bytes, 4) }
  }

  @inline(__always)
  func lowNibbles(_ x: __m512i) -> __m512i { _mm512_and_si512(x, _mm512_set1_epi8(15)) }

  @inline(__always)
  func highNibbles(_ x: __m512i) -> __m512i { lowNibbles(_mm512_srli_epi16(x, 4)) }
#endif
