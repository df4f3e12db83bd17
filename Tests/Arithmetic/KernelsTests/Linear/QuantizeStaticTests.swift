import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Quantization of a function of a row")
struct QuantizeStaticTests {
  private static let quantization = StaticQuantization(inverse: 31, zero: 93)

  @Test(
    "of GELU has the codes of the definition", arguments: QuantizeRowKernel.runnable,
    simdSizes(upTo: 256).filter { $0 > 0 })
  func geluCodes(kernel: QuantizeRowKernel, count: Int) {
    var random = SeededGenerator()
    for (row, codes) in zip(random.floatCases(count), FixedPointGELUTests.quantizations) {
      let gelu = FixedPointGELU(codes)
      for signed in [false, true] {
        let expected = Self.encode(row, signed) {
          quantizeGELU($0, stride: 0, rows: 1, gelu, into: CodeRows(first: $2, columns: $1, stride: 0))
        }
        let actual = Self.encode(row, signed) {
          kernel.gelu($0, 0, 1, gelu, CodeRows(first: $2, columns: $1, stride: 0))
        }
        #expect(actual == expected, "\(count) columns, \(codes), \(random)")
      }
    }
  }

  @Test(
    "of a layer norm has the codes of the two steps", arguments: QuantizeRowKernel.runnable,
    simdSizes(upTo: 256).filter { $0 > 0 })
  func layerNormCodes(kernel: QuantizeRowKernel, count: Int) {
    var random = SeededGenerator()
    let (weight, bias) = (random.floats(count, in: -2...2), random.floats(count, in: -1...1))
    for row in random.floatCases(count) {
      var values = row
      layerNorm(row, weight: weight, bias: bias, &values, count: count, epsilon: 1e-6)
      weight.withUnsafeBufferPointer { weight in
        bias.withUnsafeBufferPointer { bias in
          let norm = LayerNormConstants(weight: weight.baseAddress!, bias: bias.baseAddress!, epsilon: 1e-6)
          for signed in [false, true] {
            let expected = Self.encode(values, signed) {
              quantizeRowStatic($0, columns: $1, Self.quantization, into: $2)
            }
            let actual = Self.encode(row, signed) {
              kernel.layerNorm($0, 1, norm, Self.quantization, CodeRows(first: $2, columns: $1, stride: 0))
            }
            #expect(actual == expected, "\(count) columns, \(random)")
          }
        }
      }
    }
  }

  private static func encode(
    _ row: [Float], _ signed: Bool, _ body: (UnsafePointer<Float>, Int, RowCodes) -> Void
  ) -> WrittenCodes {
    WrittenCodes(of: row, signed: signed) { body($0, row.count, $1) }
  }
}
