import CIntrinsics
import ScalarKernels

/// From weights to states: the second product of one page.
extension PageAVX512 {
  /// Updates a state's `m` and `l`.
  @inline(__always)
  func step(_ state: UnsafeMutablePointer<Float>, _ row: Int) {
    let block = facts[row].maximum
    let maximum = block > state[0] ? block : state[0]
    // Lane 0 the state's exponent, lane 1 the page's.
    let exponents = _mm512_mask_mov_ps(_mm512_set1_ps(state[0] - maximum), 2, _mm512_set1_ps(block - maximum))
    let powers = approximateExp2AVX512(exponents)
    state[0] = maximum
    state[1] = (state[1] * powers[0]).addingProduct(Float(facts[row].sum), powers[1])
    facts[row].keep = powers[0]
    facts[row].step = powers[1]
  }

  /// Adds the page's weighted V to one row.
  @inline(__always)
  func accumulate(_ row: Int, _ state: UnsafeMutablePointer<Float>) {
    let weights = weights(row)
    let update = OutputUpdate(self, row, state)
    var c = 0
    while c + 64 <= channels {
      var sums = Quad(repeating: update.bias)
      for i in 0..<PageFormat.tokens / 4 {
        sums.add(weights: broadcastWord(weights, i), values: Quad(values(i, c), step: 64))
      }
      update(sums, c)
      c += 64
    }
    while c < channels {
      update(sums16(weights, c, update.bias), c)
      c += 16
    }
  }

  /// Adds it to two rows.
  @inline(__always)
  func accumulate(pair row: Int, _ states: UnsafeMutablePointer<Float>) {
    let (weights0, weights1) = (weights(row), weights(row + 1))
    let update0 = OutputUpdate(self, row, states)
    let update1 = OutputUpdate(self, row + 1, states + AttentionState.stride(channels: channels))
    var c = 0
    while c + 64 <= channels {
      var (sums0, sums1) = (Quad(repeating: update0.bias), Quad(repeating: update1.bias))
      for i in 0..<PageFormat.tokens / 4 {
        let values = Quad(values(i, c), step: 64)
        sums0.add(weights: broadcastWord(weights0, i), values: values)
        sums1.add(weights: broadcastWord(weights1, i), values: values)
      }
      update0(sums0, c)
      update1(sums1, c)
      c += 64
    }
    while c < channels {
      update0(sums16(weights0, c, update0.bias), c)
      update1(sums16(weights1, c, update1.bias), c)
      c += 16
    }
  }

  /// V's line of tokens 4·i… and channels c….
  @inline(__always)
  private func values(_ i: Int, _ c: Int) -> UnsafeRawPointer { codes.values + 4 * (i * channels + c) }

  /// Sixteen channels.
  @inline(__always)
  private func sums16(_ weights: UnsafeRawPointer, _ c: Int, _ bias: Int32) -> __m512i {
    var sums = _mm512_set1_epi32(bias)
    for i in 0..<PageFormat.tokens / 4 {
      sums = _mm512_dpbusd_epi32(sums, broadcastWord(weights, i), _mm512_loadu_si512(values(i, c)))
    }
    return sums
  }
}

/// Adds a page's integer sums to a row's `o`.
private struct OutputUpdate {
  /// What the sums start from: the correction for unsigned nibbles.
  let bias: Int32
  private let output: UnsafeMutablePointer<Float>
  private let scales: UnsafePointer<Float16>
  private let offsets: UnsafePointer<Float16>
  private let sum: __m512
  private let keep: __m512
  private let step: __m512

  @inline(__always)
  init(_ page: PageAVX512, _ row: Int, _ state: UnsafeMutablePointer<Float>) {
    let facts = page.facts[row]
    bias = -page.codes.valueBias * facts.sum
    output = state + AttentionState.output
    scales = page.section(page.numbers.format.valueScales)
    offsets = page.section(page.numbers.format.valueOffsets)
    sum = _mm512_set1_ps(Float(facts.sum))
    keep = _mm512_set1_ps(facts.keep)
    step = _mm512_set1_ps(facts.step)
  }

  @inline(__always)
  func callAsFunction(_ sums: Quad, _ c: Int) {
    self(sums.a, c)
    self(sums.b, c + 16)
    self(sums.c, c + 32)
    self(sums.d, c + 48)
  }

  /// Sixteen channels from `c` on.
  @inline(__always)
  func callAsFunction(_ sums: __m512i, _ c: Int) {
    let scaled = _mm512_mul_ps(loadHalf(scales + c), _mm512_cvtepi32_ps(sums))
    let value = _mm512_fmadd_ps(sum, loadHalf(offsets + c), scaled)
    let kept = _mm512_mul_ps(_mm512_loadu_ps(output + c), keep)
    _mm512_storeu_ps(output + c, _mm512_fmadd_ps(value, step, kept))
  }
}
