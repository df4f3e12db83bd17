import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Row quantization")
struct QuantizeRowKernelTests {
  /// Everything that a kernel gives for one row.
  struct Codes: Equatable {
    private let written: WrittenCodes
    let scale: Float

    var unsigned: [Int32] { written.unsigned }
    var signed: [Int32] { written.signed }
    var groupSums: [Int32] { written.groupSums }

    init(_ written: WrittenCodes, scale: Float) { (self.written, self.scale) = (written, scale) }
  }

  static func encode(
    _ kernel: QuantizeRowKernel, _ row: [Float], _ quantization: RowQuantization,
    signed wantsSigned: Bool = true
  ) -> Codes {
    var scale: Float = 0.011
    let fixed = StaticQuantization(inverse: 1 / scale, zero: 93)
    let written = WrittenCodes(of: row, signed: wantsSigned) { x, codes in
      switch quantization {
      case .dynamic: scale = kernel.dynamic(x, row.count, codes)
      case .fixed: kernel.fixed(x, row.count, fixed, codes)
      }
    }
    return Codes(written, scale: scale)
  }

  static let scalar = QuantizeRowKernel.all.last!

  @Test(
    "equals the scalar definition", arguments: QuantizeRowKernel.runnable,
    simdSizes(upTo: 256).filter { $0 > 0 })
  func equalsScalar(kernel: QuantizeRowKernel, count: Int) {
    var random = SeededGenerator()
    let row = random.floats(count, in: -3...3)
    for quantization in RowQuantization.allCases {
      for signed in [false, true] {
        let actual = Self.encode(kernel, row, quantization, signed: signed)
        let expected = Self.encode(Self.scalar, row, quantization, signed: signed)
        #expect(actual == expected, "\(count) columns, \(quantization), \(random)")
      }
    }
  }

  @Test(
    "NaN, infinities, zeros and the smallest numbers give the scalar codes",
    arguments: QuantizeRowKernel.runnable)
  func specialValues(kernel: QuantizeRowKernel) {
    let small = Float.leastNonzeroMagnitude
    let rows: [[Float]] = [
      [.nan, 1, -2], [.infinity, 1, -2], [-.infinity, .nan, 0], [.nan, .nan], [0, -0.0, 0], [small, -small],
      [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1], [0.5, 1.5, 2.5, 127], [.leastNormalMagnitude],
    ]
    for row in rows {
      for tail in [0, 14, 40] {
        let padded = row + [Float](repeating: 0.25, count: tail)
        for quantization in RowQuantization.allCases {
          let actual = Self.encode(kernel, padded, quantization)
          let expected = Self.encode(Self.scalar, padded, quantization)
          #expect(actual.unsigned == expected.unsigned && actual.signed == expected.signed, "\(padded)")
          #expect(actual.groupSums == expected.groupSums, "\(padded)")
          #expect(actual.scale.bitPattern == expected.scale.bitPattern, "\(padded)")
        }
      }
    }
  }

  @Test("the definition rounds ties to even, and fills the group with the code of 0")
  func definition() {
    let dynamic = Self.encode(Self.scalar, [127, 0.5, 1.5, -2.5, .nan], .dynamic)
    #expect(dynamic.scale == 1)
    #expect(dynamic.signed[..<6] == [127, 0, 2, -2, -127, 0])
    #expect(dynamic.unsigned[..<6] == [255, 128, 130, 126, 1, 128])
    #expect(dynamic.unsigned[31] == 128 && dynamic.unsigned[32] == 77)
    #expect(dynamic.groupSums == [0, 77])
    let fixed = Self.encode(Self.scalar, [0, 100, -100, .infinity, -.infinity, .nan], .fixed)
    #expect(fixed.unsigned[..<7] == [93, 255, 0, 255, 0, 0, 93])
    #expect(fixed.signed[0] == -35)
  }
}
