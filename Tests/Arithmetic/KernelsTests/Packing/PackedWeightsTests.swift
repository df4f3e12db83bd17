import Kernels
import TestSupport
import Testing

@Suite("Packed weights")
struct PackedWeightsTests {
  static let shapes = [(1, 1), (5, 3), (16, 4), (17, 33), (40, 172)]

  @Test("8-bit weights survive packing and unpacking", arguments: shapes)
  func int8RoundTrip(outputs: Int, inputs: Int) throws {
    var fixture = LinearFixture(outputs: outputs, inputs: inputs)
    let codes = fixture.int8Codes()
    let packed = PackedInt8Weights(rowMajor: codes, outputs: outputs, inputs: inputs)
    let scales = fixture.channelFloats()
    let layer = try fixture.layer(packed, scales: scales, bias: nil, kernels: .selected)
    #expect(layer.integerWeights() == codes)
    for row in 0..<outputs {
      #expect(packed.columnSums[row] == codes[row * inputs..<(row + 1) * inputs].reduce(0) { $0 + Int32($1) })
    }
    #expect(packed.codes.count == PackedInt8Weights.byteCount(outputs: outputs, inputs: inputs))
  }

  @Test("4-bit weights unpack to step · (code − zero), whatever the instruction set", arguments: shapes)
  func int4RoundTrip(outputs n: Int, inputs k: Int) throws {
    var fixture = LinearFixture(outputs: n, inputs: k)
    let groups = PackedInt4Weights.groups(inputs: k)
    let codes = (0..<n * k).map { _ in UInt8.random(in: 0...15, using: &fixture.random) }
    let zeros = (0..<n * groups).map { _ in UInt8.random(in: 0...15, using: &fixture.random) }
    let steps = zeros.map { UInt8(127 / Int(max($0, 15 - $0))) }
    let packed = PackedInt4Weights(rowMajor: codes, steps: steps, zeros: zeros, outputs: n, inputs: k)
    let layer = try fixture.layer(packed, scales: fixture.channelFloats(), bias: nil, kernels: .selected)
    let expected = (0..<n * k).map { index in
      let group = index / k * groups + index % k / 32
      return Int8(Int(steps[group]) * (Int(codes[index]) - Int(zeros[group])))
    }
    #expect(layer.integerWeights() == expected)
    for row in 0..<n {
      #expect(packed.columnSums[row] == expected[row * k..<(row + 1) * k].reduce(0) { $0 + Int32($1) })
    }
  }

  @Test("bytes lie where the format says")
  func layout() {
    let int8 = PackedInt8Weights(
      rowMajor: (0..<17 * 8).map { Int8($0 - 68) }, outputs: 17, inputs: 8)
    #expect(int8.codes[(0 * 16 + 3) * 4 + 1] == Int8(3 * 8 + 1 - 68))  // n 3, k 1
    #expect(int8.codes[(1 * 16 + 3) * 4 + 2] == Int8(3 * 8 + 6 - 68))  // n 3, k 6
    #expect(int8.codes[(2 * 16 + 0) * 4 + 0] == Int8(16 * 8 - 68))  // n 16, k 0
    #expect(int8.codes[(2 * 16 + 1) * 4 + 0] == 0)  // n 17 does not exist
    let int4 = PackedInt4Weights(
      rowMajor: (0..<32).map { UInt8($0 % 16) }, steps: [3], zeros: [7], outputs: 1, inputs: 32)
    #expect(int4.codes[1] == 5 << 4 | 1)  // k 1 and 5
    #expect(int4.codes[64 + 2] == 14 << 4 | 10)  // k 10 and 14
    #expect(int4.groupScales[0] == 7 << 4 | 2)
  }
}
