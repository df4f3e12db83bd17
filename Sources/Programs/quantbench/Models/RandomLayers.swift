import Architectures
import Kernels
import TensorCore

/// Layers whose weights are windows into one block of random bytes.
///
/// Enough copies of a layer follow one another that no cache holds them all, as in a model whose layers are
/// read once a token. Channel sums are zeros, because they only shift the results, which are not used.
final class RandomLayers {
  private let codes: AlignedStorage
  private let groupScales: AlignedStorage

  /// The least bytes that all copies of a layer have together: four times a usual cache.
  static let copiedBytes = 128 << 20
  private static let codeBytes = 192 << 20

  init() {
    codes = AlignedStorage(byteCount: Self.codeBytes)
    groupScales = AlignedStorage(byteCount: Self.codeBytes / 16)
    var state: UInt64 = 1
    // −128 is no 8-bit code; a clear lowest bit avoids it, and is as random as needed.
    Self.fill(codes.bytes, &state, keeping: 0xfefe_fefe_fefe_fefe, setting: 0x0101_0101_0101_0101)
    // Zero point 8 and a step of 1…8: every weight is in −64…56.
    Self.fill(groupScales.bytes, &state, keeping: 0x0707_0707_0707_0707, setting: 0x8080_8080_8080_8080)
  }

  /// Copies of a layer, one after another in memory, as many as have at least `byteCount` bytes together.
  func copies(
    of shape: LayerShape, _ format: WeightFormat, set: InstructionSet, byteCount: Int
  ) throws -> [LinearLayer] {
    let (n, k) = (shape.outputs, shape.inputs)
    let bytes = format.count(.codes, outputs: n, inputs: k)
    let scales = Self.scales(count: n, inputs: k)
    let sums = Self.view(AlignedStorage(byteCount: 4 * n), at: 0, .i32, count: n)
    return try (0..<max(1, (byteCount + bytes - 1) / bytes)).map { copy in
      var parts: [WeightPart: TensorView] = [:]
      for tensor in format.tensors {
        let count = tensor.count(n, k)
        parts[tensor.part] =
          switch tensor.part {
          case .codes: Self.view(codes, at: copy * count, tensor.type, count: count)
          case .groupScales: Self.view(groupScales, at: copy * count, tensor.type, count: count)
          case .scales: scales
          case .columnSums: sums
          }
      }
      return try LinearLayer(
        WeightTensors(format, parts), bias: nil, outputs: n, inputs: k, kernels: .variants(for: set))
    }
  }

  /// Bytes of weights that one pass over a layer reads; what belongs to a channel is not counted.
  static func byteCount(of shape: LayerShape, _ format: WeightFormat) -> Int {
    format.tensors.filter { $0.part == .codes || $0.part == .groupScales }.reduce(0) {
      $0 + $1.count(shape.outputs, shape.inputs)
    }
  }

  private static func view(_ storage: AlignedStorage, at place: Int, _ type: ElementType, count: Int)
    -> TensorView
  {
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[place..<place + count * type.byteSize])
    return TensorView(bytes: bytes, type: type, shape: [count], owner: storage)
  }

  private static func scales(count: Int, inputs: Int) -> TensorView {
    let storage = AlignedStorage(byteCount: 4 * count)
    storage.pointer(to: Float.self).update(repeating: 0.01 / Float(inputs).squareRoot(), count: count)
    return view(storage, at: 0, .f32, count: count)
  }

  /// xorshift64 (Marsaglia 2003), eight bytes a step.
  private static func fill(
    _ bytes: UnsafeMutableRawBufferPointer, _ state: inout UInt64, keeping: UInt64, setting: UInt64
  ) {
    let words = bytes.bindMemory(to: UInt64.self)
    for index in words.indices {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      words[index] = state & keeping | setting
    }
  }
}

/// Random floats around 0, about as large as those that a norm writes.
final class RandomFloats {
  private let storage: AlignedStorage
  let count: Int

  init(count: Int, seed: UInt64 = 1) {
    self.count = count
    storage = AlignedStorage(byteCount: 4 * count)
    let values = storage.pointer(to: Float.self)
    var state = seed
    for index in 0..<count {
      // The sum of four 16-bit numbers is near enough to a Gaussian; its deviation is 2¹⁶ · √(4 / 12).
      var sum: Float = 0
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        sum += Float(state >> 48)
      }
      values[index] = (sum - 131_070) / 37_837
    }
  }

  var pointer: UnsafeMutablePointer<Float> { storage.pointer(to: Float.self) }
}
