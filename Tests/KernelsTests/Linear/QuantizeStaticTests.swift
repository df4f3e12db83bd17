import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Quantization of a function of a row")
struct QuantizeStaticTests {
  private static let quantization = StaticQuantization(inverse: 31, zero: 93)

  @Test(
    "of GELU has the codes of the two steps", arguments: QuantizeRowKernel.runnable,
    simdSizes(upTo: 256).filter { $0 > 0 })
  func geluCodes(kernel: QuantizeRowKernel, count: Int) {
    var random = SeededGenerator()
    for row in random.floatCases(count) {
      let values = row.map { gelu($0) }
      for signed in [false, true] {
        let expected = Self.encode(values, signed) {
          quantizeRowStatic($0, columns: $1, Self.quantization, into: $2)
        }
        let actual = Self.encode(row, signed) {
          kernel.gelu($0, $1, 1, Self.quantization, CodeRows(first: $2, columns: $1, stride: 0))
        }
        #expect(actual == expected, "\(count) columns, \(random)")
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

  /// All codes and sums that `body` writes for `row`, with a guard after each.
  private static func encode(
    _ row: [Float], _ signed: Bool, _ body: (UnsafePointer<Float>, Int, RowCodes) -> Void
  ) -> [[Int32]] {
    let padded = (row.count + 31) / 32 * 32
    var unsigned = [UInt8](repeating: 77, count: padded + 1)
    var codes = [Int8](repeating: 77, count: padded + 1)
    var sums = [Int32](repeating: 77, count: padded / 32 + 1)
    // One element off: no kernel may rely on the alignment of the row.
    ([0] + row).withUnsafeBufferPointer { x in
      unsigned.withUnsafeMutableBufferPointer { u in
        codes.withUnsafeMutableBufferPointer { s in
          sums.withUnsafeMutableBufferPointer { g in
            body(
              x.baseAddress! + 1, row.count,
              RowCodes(
                unsigned: u.baseAddress!, signed: signed ? s.baseAddress! : nil,
                groupSums: signed ? g.baseAddress! : nil))
          }
        }
      }
    }
    return [unsigned.map(Int32.init), codes.map(Int32.init), sums]
  }
}
