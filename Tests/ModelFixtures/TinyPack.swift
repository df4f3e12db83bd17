import Architectures
import Checkpoints
import FoundationEssentials
import Glibc
import ImageProcessing
import Kernels
import Packs
import TensorCore
import TestSupport
import Tokenizers

/// A pack of random weights, small enough to build thousands of times; every part can be changed before it is opened.
package struct TinyPack {
  package struct Tensor {
    package var name: String
    package var type: ElementType
    package var shape: Shape
    package var bytes: [UInt8]
  }

  /// JSON texts by section name.
  package var sections: [String: String] = [:]
  package var tensors: [Tensor] = []
  /// Of each matrix, as the scheme records them.
  var formats: [String: WeightFormat] = [:]
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// The tensor `name`, to change it.
  ///
  /// - Precondition: There is such a tensor.
  package subscript(name: String) -> Tensor {
    get { tensors[index(of: name)] }
    set { tensors[index(of: name)] = newValue }
  }

  private func index(of name: String) -> Int {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("TinyPack: no tensor '\(name)'")
    }
    return index
  }

  package mutating func set(_ section: String, _ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    sections[section] = String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  // MARK: Tensors

  mutating func add(_ name: String, floats values: [Float], shape: Shape? = nil) {
    tensors.append(
      Tensor(
        name: name, type: .f32, shape: shape ?? [values.count], bytes: values.withUnsafeBytes { Array($0) }))
  }

  mutating func addFloats(_ name: String, _ shape: Shape, in range: ClosedRange<Float> = -0.5...0.5) {
    add(name, floats: random.floats(shape.elementCount ?? 0, in: range), shape: shape)
  }

  /// A layer of random weights whose outputs are about as large as its inputs.
  mutating func addLinear(_ name: String, outputs n: Int, inputs k: Int, as format: WeightFormat) {
    let parts = randomCodes(n, k, format).packed(as: format)
    for tensor in format.tensors {
      guard let bytes = parts[tensor.part] else { continue }
      tensors.append(
        Tensor(
          name: WeightFormat.tensorName(name, tensor.part), type: tensor.type,
          shape: [bytes.count / tensor.type.byteSize], bytes: bytes))
    }
    add(WeightFormat.tensorName(name, .scales), floats: random.floats(n, in: 0.001...0.004))
  }

  private mutating func randomCodes(_ n: Int, _ k: Int, _ format: WeightFormat) -> CodedWeights {
    if format == .int8 {
      return CodedWeights(codes: random.int8s(n * k).map { max($0, -127) }, outputs: n, inputs: k)
    }
    let groups = PackedInt4Weights.groups(inputs: k)
    return CodedWeights(
      codes: random.uint8s(n * k).map { Int8($0 & 15) }, steps: [UInt8](repeating: 14, count: n * groups),
      zeros: [UInt8](repeating: 7, count: n * groups), outputs: n, inputs: k)
  }

  // MARK: Files

  /// The pack's file, byte by byte.
  package func bytes() throws -> [UInt8] {
    let path = try Self.temporaryPath()
    defer { unlink(path) }
    var writer = PackedModelWriter()
    for (name, json) in sections.sorted(by: { $0.key < $1.key }) { try writer.add(section: name, json: json) }
    for tensor in tensors {
      try writer.add(tensor: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
    }
    try writer.write(to: path)
    return try MappedFile(path: path).contents()
  }

  /// The pack as a daemon would open it.
  package func open() throws -> ModelPack { try Self.open(bytes()) }

  /// Opens a pack whose file has the given bytes.
  package static func open(_ bytes: [UInt8]) throws -> ModelPack {
    let path = try temporaryPath()
    defer { unlink(path) }
    let descriptor = Glibc.open(path, O_RDWR)
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw TemporaryFileError(code: errno) }
    return try ModelPack(PackedModel.open(descriptor: descriptor, name: "tiny.qpack"))
  }

  private static func temporaryPath() throws -> String {
    var template = Array("/tmp/quantd-tiny-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw TemporaryFileError(code: errno) }
    close(descriptor)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// The machine has no room for a temporary file.
struct TemporaryFileError: Error {
  let code: Int32
}
