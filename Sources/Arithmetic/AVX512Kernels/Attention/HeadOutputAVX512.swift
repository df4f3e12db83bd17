import CIntrinsics
import ScalarKernels

/// From weights to results: the second product of four rows.
extension HeadAVX512 {
  /// Writes the results of rows `first…`, at most four, whose weights have these sums.
  @inline(__always)
  func accumulate(_ sums: SIMD4<Int32>, _ rows: HeadRows, _ first: Int) {
    let (stride, count) = (rows.outputStride, rows.count - first)
    let output = rows.output + first * stride
    let inverses = 1 / SIMD4<Float>(sums)
    var c = 0
    while c + 64 <= format.channels {
      let (s0, s1, s2, s3) = weighted(four: c)
      finish(s0, inverses[0], output, c)
      if count > 1 { finish(s1, inverses[1], output + stride, c) }
      if count > 2 { finish(s2, inverses[2], output + 2 * stride, c) }
      if count > 3 { finish(s3, inverses[3], output + 3 * stride, c) }
      c += 64
    }
    while c < format.channels {
      let s = weighted(one: c)
      finish(s.a, inverses[0], output, c)
      if count > 1 { finish(s.b, inverses[1], output + stride, c) }
      if count > 2 { finish(s.c, inverses[2], output + 2 * stride, c) }
      if count > 3 { finish(s.d, inverses[3], output + 3 * stride, c) }
      c += 16
    }
  }

  /// V's line of tokens 4·i… and channels c….
  @inline(__always)
  private func values(_ i: Int, _ c: Int) -> UnsafeRawPointer {
    head + format.valueCodes + 4 * (i * format.channels + c)
  }

  /// 64 channels of four rows.
  @inline(__always)
  private func weighted(four c: Int) -> (FourRegisters, FourRegisters, FourRegisters, FourRegisters) {
    let (w0, w1, w2, w3) = (weights(0), weights(1), weights(2), weights(3))
    var (s0, s1, s2, s3) = (FourRegisters(), FourRegisters(), FourRegisters(), FourRegisters())
    for i in 0..<(format.tokens + 3) / 4 {
      let values = FourRegisters(values(i, c), step: 64)
      s0.add(weights: broadcastWord(w0, i), values: values)
      s1.add(weights: broadcastWord(w1, i), values: values)
      s2.add(weights: broadcastWord(w2, i), values: values)
      s3.add(weights: broadcastWord(w3, i), values: values)
    }
    return (s0, s1, s2, s3)
  }

  /// Sixteen channels; a register for each row.
  @inline(__always)
  private func weighted(one c: Int) -> FourRegisters {
    var sums = FourRegisters()
    for i in 0..<(format.tokens + 3) / 4 {
      let values = _mm512_loadu_si512(values(i, c))
      sums.a = _mm512_dpbusd_epi32(sums.a, broadcastWord(weights(0), i), values)
      sums.b = _mm512_dpbusd_epi32(sums.b, broadcastWord(weights(1), i), values)
      sums.c = _mm512_dpbusd_epi32(sums.c, broadcastWord(weights(2), i), values)
      sums.d = _mm512_dpbusd_epi32(sums.d, broadcastWord(weights(3), i), values)
    }
    return sums
  }

  @inline(__always)
  private func finish(
    _ sums: FourRegisters, _ inverse: Float, _ output: UnsafeMutablePointer<Float>, _ c: Int
  ) {
    finish(sums.a, inverse, output, c)
    finish(sums.b, inverse, output, c + 16)
    finish(sums.c, inverse, output, c + 32)
    finish(sums.d, inverse, output, c + 48)
  }

  /// The weighted mean of sixteen channels.
  @inline(__always)
  private func finish(_ sums: __m512i, _ inverse: Float, _ output: UnsafeMutablePointer<Float>, _ c: Int) {
    let mean = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(inverse))
    let scale = _mm512_loadu_ps(floats(format.valueScales) + c)
    let value = _mm512_fmadd_ps(mean, scale, _mm512_loadu_ps(floats(format.valueOffsets) + c))
    _mm512_mask_storeu_ps(output + c, laneMask(format.headSize - c), value)
  }
}
