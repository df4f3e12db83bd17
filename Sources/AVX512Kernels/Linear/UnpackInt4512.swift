#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``unpackInt4(_:blocks:into:)``, one line of 128 weights a step.
  @inline(never)
  public func unpackInt4AVX512(_ weights: Int4Blocks, blocks: Int, into output: UnsafeMutablePointer<Int8>) {
    var (codes, metas, target) = (weights.codes, weights.metas, UnsafeMutableRawPointer(output))
    for _ in 0..<blocks &* weights.groups {
      let meta = GroupMeta(metas, 0)
      let steps = inEveryWord(meta.steps)
      let offsets = inEveryByte(_mm512_mullo_epi16(meta.steps, meta.zeros))
      for line in 0..<4 {
        let x = _mm512_loadu_si512(codes + line &* 64)
        let place = target + line &* 128
        place.storeBytes(of: weight(lowNibbles(x), steps, offsets), as: __m512i.self)
        place.storeBytes(of: weight(highNibbles(x), steps, offsets), toByteOffset: 64, as: __m512i.self)
      }
      codes += 256
      metas += 16
      target += 512
    }
  }

  /// `step · code − step · zero` in bytes, two a word: neither product exceeds 240, so the low one does not
  /// carry into the high one.
  @inline(__always)
  private func weight(_ codes: __m512i, _ steps: __m512i, _ offsets: __m512i) -> __m512i {
    _mm512_sub_epi8(_mm512_mullo_epi16(codes, steps), offsets)
  }

  @inline(__always)
  private func inEveryWord(_ x: __m512i) -> __m512i { _mm512_or_si512(x, _mm512_slli_epi32(x, 16)) }

  @inline(__always)
  private func inEveryByte(_ x: __m512i) -> __m512i {
    let words = inEveryWord(x)
    return _mm512_or_si512(words, _mm512_slli_epi16(words, 8))
  }
#endif
