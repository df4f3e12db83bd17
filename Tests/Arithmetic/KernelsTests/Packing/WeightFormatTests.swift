import Architectures
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Weight formats")
struct WeightFormatTests {
  @Test("each format that packs may record is packed and read")
  func lists() {
    #expect(WeightFormat.implemented.map(\.name) == WeightFormat.all.map(\.name))
  }

  @Test(
    "packed parts have the types and sizes of the format, and give the weights and their sums back",
    arguments: WeightFormat.all, [(16, 32), (40, 96), (1_000, 192)])
  func roundTrip(format: WeightFormat, shape: (outputs: Int, inputs: Int)) throws {
    let (n, k) = shape
    var random = SeededGenerator()
    let weights = random.weights(format, outputs: n, inputs: k)
    let bytes = weights.packed(as: format)
    var parts = [WeightPart.scales: view([Float](repeating: 1, count: n), .f32)]
    for tensor in format.tensors where tensor.part != .scales {
      let found = try #require(bytes[tensor.part])
      #expect(found.count == tensor.count(n, k) * tensor.type.byteSize, "\(tensor.part)")
      let floats = AlignedStorage(byteCount: found.count)
      floats.bytes.copyBytes(from: found)
      parts[tensor.part] = TensorView(
        bytes: UnsafeRawBufferPointer(rebasing: floats.bytes.prefix(found.count)), type: tensor.type,
        shape: [tensor.count(n, k)], owner: floats)
    }
    let layer = try LinearLayer(WeightTensors(format, parts), bias: nil, outputs: n, inputs: k)
    let integers = layer.integerWeights()
    let sums = (0..<n).map { row in integers[row * k..<(row + 1) * k].reduce(0) { $0 + Int32($1) } }
    #expect(format.channelSums(parts, outputs: n, inputs: k) == sums, "\(random)")
  }
}

extension SeededGenerator {
  /// Codes in the format's range, with steps and zero points where it has groups.
  fileprivate mutating func weights(
    _ format: WeightFormat, outputs n: Int, inputs k: Int
  ) -> CodedWeights {
    let (highest, groups) = (format.bits == 8 ? 127 : 15, n * ((k + 31) / 32))
    return CodedWeights(
      codes: (0..<n * k).map { _ in Int8.random(in: 0...Int8(highest), using: &self) },
      steps: (0..<groups).map { _ in UInt8.random(in: 1...8, using: &self) },
      zeros: (0..<groups).map { _ in UInt8.random(in: 0...15, using: &self) }, outputs: n, inputs: k)
  }
}
