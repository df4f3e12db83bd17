import Kernels
import ScalarKernels
import TensorCore
import TestSupport
import Testing

@Suite("Sealing pages")
struct SealPageKernelTests {
  static let widths = [(4, 4), (4, 8), (8, 4), (8, 8), (5, 3), (3, 5), (2, 2)]

  /// Every pair of widths, with V's scales per channel and per token.
  static func formats(headSize: Int) -> [PageFormat] {
    widths.flatMap { keyBits, valueBits in
      [false, true].map {
        PageFormat(headSize: headSize, keyBits: keyBits, valueBits: valueBits, scalesTokens: $0)
      }
    }
  }

  @Test("equals the scalar definition", arguments: SealPageKernel.runnable, attentionHeadSizes)
  func equalsScalar(kernel: SealPageKernel, headSize: Int) {
    var random = SeededGenerator()
    for format in Self.formats(headSize: headSize) {
      let half = Self.half(headSize, &random)
      let sealed = Self.seal(kernel, format, half, half.reversed())
      #expect(sealed == Self.seal(.select(for: .scalar), format, half, half.reversed()))
    }
  }

  @Test("broken inputs give the scalar definition's bytes", arguments: SealPageKernel.runnable)
  func broken(kernel: SealPageKernel) {
    var random = SeededGenerator(seed: 7)
    for value in [Float16.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      var half = Self.half(32, &random)
      for i in stride(from: 0, to: half.count, by: 37) { half[i] = value }
      for t in 0..<64 { half[t * 32 + 3] = value }
      for format in Self.formats(headSize: 32) {
        #expect(
          Self.seal(kernel, format, half, half)
            == Self.seal(.select(for: .scalar), format, half, half))
      }
    }
  }

  /// |x − x̂| ≤ scale / 2, plus what float16 costs: the scale's rounding over all codes, at most (2^bits −
  /// 1)·scale·2⁻¹¹, and the rounding of V's offset, at most half a unit of it.
  @Test("restores every value to half a step", arguments: widths)
  func roundTrip(keyBits: Int, valueBits: Int) {
    var random = SeededGenerator(seed: 8)
    let format = PageFormat(headSize: 40, keyBits: keyBits, valueBits: valueBits)
    let (keys, values) = (Self.half(40, &random), Self.half(40, &random))
    let page = Self.page(.select(for: .scalar), format, keys, values)
    for t in 0..<64 {
      for c in 0..<format.channels {
        let (key, keyStep) = Self.key(format, page.baseAddress, t, c)
        let (value, valueStep) = Self.value(format, page.baseAddress, t, c)
        let keySlack = keyStep * Float(format.keyLimit) / 2048 + 1e-6
        #expect(abs(key - Float(keys[t * format.channels + c])) <= keyStep / 2 + keySlack)
        let valueSlack = valueStep * Float(2 * format.valueLimit) / 2048 + 4.0 / 2048
        #expect(abs(value - Float(values[t * format.channels + c])) <= valueStep / 2 + valueSlack)
      }
    }
  }

  /// |x − x̂| ≤ scale / 2 plus half a unit of the offset's float16, over tokens of very different ranges.
  @Test("restores every value to half its token's step", arguments: [2, 3, 4, 5, 8])
  func tokenRoundTrip(valueBits: Int) {
    var random = SeededGenerator(seed: 10)
    let format = PageFormat(headSize: 40, keyBits: 4, valueBits: valueBits, scalesTokens: true)
    let factors: [Float16] = [1, 0.001, 100, -3]
    var values = Self.half(40, &random)
    for i in values.indices { values[i] *= factors[i / format.channels % 4] }
    let page = Self.page(.select(for: .scalar), format, values, values)
    for t in 0..<64 {
      let steps = format.tokenStep(page.baseAddress, token: t)
      let scale = ValueStep.scale(steps)
      let offset = format.scale(page.baseAddress, section: format.valueOffsets, channel: t)
      let token = values[t * format.channels..<t * format.channels + 40].map(Float.init)
      let range = token.max()! - token.min()!
      let cells = Float(1 << valueBits)
      #expect(scale * cells >= range && scale * cells < range * 1.123)
      for (c, x) in token.enumerated() {
        let value = scale * Float(format.valueCode(page.baseAddress, token: t, channel: c)) + offset
        #expect(abs(value - x) <= scale / 2 + abs(offset) / 2048 + 1e-7)
      }
    }
  }

  @Test(
    "constant tokens come back exactly, beside others whose scales are too far away to share a page's span")
  func constantTokens() {
    let format = PageFormat(headSize: 16, keyBits: 4, valueBits: 4, scalesTokens: true)
    let constants: [Float16] = [0, 1.5, -3.25]
    var half = [Float16](repeating: 0, count: 64 * 16)
    for i in half.indices { half[i] = i < 16 ? Float16(i * 1000) : constants[i / 16 % 3] }
    let page = Self.page(.select(for: .scalar), format, half, half)
    let steps = (0..<64).map { format.tokenStep(page.baseAddress, token: $0) }
    #expect(steps.min() == steps[0] && steps.max() == steps[0] + ValueStep.span)
    for i in 16..<half.count {
      let offset = format.scale(page.baseAddress, section: format.valueOffsets, channel: i / 16)
      let code = Float(format.valueCode(page.baseAddress, token: i / 16, channel: i % 16))
      #expect(abs(ValueStep.scale(steps[i / 16]) * code + offset - Float(half[i])) < 4e-4)
    }
  }

  @Test("constant channels come back exactly")
  func constant() {
    let format = PageFormat(headSize: 16, keyBits: 4, valueBits: 4)
    let half = (0..<64 * 16).map { Float16([0, 1.5, -3.25, 1000][$0 % 4]) }
    let page = Self.page(.select(for: .scalar), format, half, half)
    for i in half.indices {
      #expect(Self.key(format, page.baseAddress, i / 16, i % 16).0 == Float(half[i]))
      #expect(Self.value(format, page.baseAddress, i / 16, i % 16).0 == Float(half[i]))
    }
  }

  @Test(
    "rows of floats become padded rows of float16", arguments: SealPageKernel.runnable, attentionHeadSizes)
  func storesHalf(kernel: SealPageKernel, headSize: Int) {
    var random = SeededGenerator(seed: 9)
    let stride = headSize + 3
    var source = random.floats(3 * stride, in: -70000...70000)
    source[0] = 1e-7
    let format = PageFormat(headSize: headSize, keyBits: 4, valueBits: 4)
    var target = [Float16](repeating: 1, count: 3 * format.channels)
    // The last row ends where the memory ends.
    source.removeLast(3)
    kernel.storeHalf(format, source: source, stride: stride, rows: 3, target: &target)
    for row in 0..<3 {
      for c in 0..<format.channels {
        #expect(target[row * format.channels + c] == (c < headSize ? Float16(source[row * stride + c]) : 0))
      }
    }
  }

  static func half(_ headSize: Int, _ random: inout SeededGenerator) -> [Float16] {
    AttentionFixture.padded(64, headSize, random.floats(64 * headSize, in: -3...5)) { Float16($0) }
  }

  static func page(
    _ kernel: SealPageKernel, _ format: PageFormat, _ keys: [Float16], _ values: [Float16]
  ) -> AlignedStorage {
    let page = AlignedStorage(byteCount: format.byteCount)
    page.bytes.initializeMemory(as: UInt8.self, repeating: 0xa5)
    kernel(format, keys: keys, values: values, page: page.baseAddress)
    return page
  }

  /// The page's bytes; a NaN scale counts as one value whatever its payload.
  static func seal(
    _ kernel: SealPageKernel, _ format: PageFormat, _ keys: [Float16], _ values: [Float16]
  ) -> [UInt8] {
    let page = page(kernel, format, keys, values)
    for i in stride(from: format.keyScales, to: format.byteCount, by: 2)
    where page.baseAddress.load(fromByteOffset: i, as: Float16.self).isNaN {
      page.baseAddress.storeBytes(of: Float16.nan, toByteOffset: i, as: Float16.self)
    }
    return Array(page.bytes)
  }

  static func key(_ format: PageFormat, _ page: UnsafeRawPointer, _ t: Int, _ c: Int) -> (Float, Float) {
    let scale = format.scale(page, section: format.keyScales, channel: c)
    let offset = format.scale(page, section: format.keyOffsets, channel: c)
    return (scale * Float(format.keyCode(page, token: t, channel: c)) + offset, scale)
  }

  static func value(_ format: PageFormat, _ page: UnsafeRawPointer, _ t: Int, _ c: Int) -> (Float, Float) {
    let scale = format.scale(page, section: format.valueScales, channel: c)
    let offset = format.scale(page, section: format.valueOffsets, channel: c)
    return (scale * Float(format.valueCode(page, token: t, channel: c)) + offset, scale)
  }
}
