#if arch(x86_64)
  import CIntrinsics
  import ScalarKernels

  /// ``quantizeGELU(_:stride:rows:_:into:)``; GELU of the zeros beyond a row is 0, which has the code of 0.
  @inline(never)
  public func quantizeGELUAVX2(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, _ gelu: FixedPointGELU, into codes: CodeRows
  ) {
    withUnsafePointer(to: gelu.segments) { segments in
      let lanes = GELU256(gelu, segments: UnsafeRawPointer(segments).assumingMemoryBound(to: Int32.self))
      for row in 0..<rows {
        let (values, target) = (x + row &* stride, codes[row])
        var i = 0
        while i < codes.columns {
          let low = Lanes(values + i, remaining: codes.columns &- i)
          let high = Lanes(values + i + 16, remaining: max(0, codes.columns &- i &- 16))
          storeCodes(
            lanes.code(low.low), lanes.code(low.high), lanes.code(high.low), lanes.code(high.high), i, target)
          i &+= 32
        }
      }
    }
  }

  /// A ``FixedPointGELU`` in registers, for lanes of 32 bits; the segments stay in memory.
  private struct GELU256 {
    private let segments: UnsafePointer<Int32>
    private let stepsPerUnit: __m256
    private let segmentShift, lastStep, slope, fraction: __m256i

    @inline(__always)
    init(_ gelu: FixedPointGELU, segments: UnsafePointer<Int32>) {
      self.segments = segments
      stepsPerUnit = _mm256_set1_ps(gelu.stepsPerUnit)
      segmentShift = _mm256_set1_epi32(Int32(truncatingIfNeeded: gelu.segmentShift))
      lastStep = _mm256_set1_epi32(Int32(gelu.lastStep))
      slope = _mm256_set1_epi32(Int32(gelu.slope))
      fraction = _mm256_set1_epi32(Int32(truncatingIfNeeded: gelu.fraction))
    }

    /// The codes of eight values, minus 128. The upper bound comes first: `vminps` returns the second operand for NaN,
    /// whose integer is the least one.
    @inline(__always)
    func code(_ x: __m256) -> __m256i {
      let steps = _mm256_min_ps(_mm256_set1_ps(0x7fff), _mm256_mul_ps(x, stepsPerUnit))
      let rounded = _mm256_max_epi32(_mm256_cvtps_epi32(steps), _mm256_set1_epi32(-0x8000))
      let magnitude = _mm256_min_epi32(_mm256_abs_epi32(rounded), lastStep)
      let segment = gather_words(segments, _mm256_srlv_epi32(magnitude, segmentShift))
      let intercept = _mm256_srai_epi32(_mm256_slli_epi32(segment, 16), 16)
      let line = _mm256_add_epi32(intercept, product(magnitude, _mm256_srai_epi32(segment, 16)))
      let positive = product(_mm256_max_epi32(rounded, _mm256_setzero_si256()), slope)
      let code = _mm256_srav_epi32(_mm256_add_epi32(line, positive), fraction)
      let bounded = _mm256_min_epi32(
        _mm256_max_epi32(code, _mm256_setzero_si256()), _mm256_set1_epi32(255))
      return _mm256_sub_epi32(bounded, _mm256_set1_epi32(128))
    }

    /// `a · b · 2⁻¹⁵` rounded, a half upwards.
    @inline(__always)
    private func product(_ a: __m256i, _ b: __m256i) -> __m256i {
      _mm256_srai_epi32(_mm256_add_epi32(_mm256_mullo_epi32(a, b), _mm256_set1_epi32(0x4000)), 15)
    }
  }
#endif
