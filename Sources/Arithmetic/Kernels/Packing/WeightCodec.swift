import Architectures
import ScalarKernels
import TensorCore

/// What kernels do with a weight format: how it is packed, read and unpacked.
///
/// One line of ``all`` a format; nothing else outside of a panel's kernels knows which formats there are.
struct WeightCodec: Sendable {
  let format: WeightFormat
  /// All parts but the scales, as bytes.
  let pack: @Sendable (CodedWeights) -> [WeightPart: [UInt8]]
  /// The weights as panels read them, `inputs` wide; types and sizes of the tensors have been checked.
  let panel: @Sendable (WeightTensors, _ inputs: Int) -> WeightPanels.Panel
  /// The whole-number weights `[outputs, inputs]` of a panel that begins with channel 0.
  let unpack: @Sendable (WeightPanels.Panel, _ outputs: Int, _ inputs: Int) -> [Int8]

  /// The sum of each channel's whole-number weights, of whole groups of inputs.
  let columnSums: @Sendable ([WeightPart: TensorView], _ outputs: Int, _ inputs: Int) -> [Int32]

  static let all = [int8, int4]

  /// - Precondition: The format is one of Architectures' list; a test holds both lists side by side.
  static func of(_ format: WeightFormat) -> WeightCodec {
    guard let codec = all.first(where: { $0.format == format }) else {
      preconditionFailure("WeightCodec: nothing packs or reads '\(format.name)'")
    }
    return codec
  }

  private static let int8 = WeightCodec(
    format: .int8,
    pack: { weights in
      let packed = PackedInt8Weights(
        rowMajor: weights.codes, outputs: weights.outputs, inputs: weights.inputs)
      return [.codes: bytes(packed.codes), .columnSums: bytes(packed.columnSums)]
    },
    panel: { tensors, inputs in
      .int8(
        Int8Blocks(
          codes: tensors[.codes].pointer(to: Int8.self), quads: (inputs + 3) / 4, continues: true))
    },
    unpack: { panel, outputs, inputs in
      guard case .int8(let blocks) = panel else { return [] }
      return rowMajor(blocks.codes, outputs, inputs, paddedInputs: inputs)
    },
    columnSums: { parts, outputs, inputs in
      guard let codes = parts[.codes] else { return [] }
      return PackedInt8Weights.channelSums(codes.pointer(to: Int8.self), outputs: outputs, inputs: inputs)
    })

  private static let int4 = WeightCodec(
    format: .int4,
    pack: { weights in
      let packed = PackedInt4Weights(
        rowMajor: weights.codes.map { UInt8(bitPattern: $0) }, steps: weights.steps, zeros: weights.zeros,
        outputs: weights.outputs, inputs: weights.inputs)
      return [.codes: packed.codes, .groupScales: packed.groupScales, .columnSums: bytes(packed.columnSums)]
    },
    panel: { tensors, inputs in
      .int4(
        Int4Blocks(
          codes: tensors[.codes].pointer(to: UInt8.self),
          groupScales: tensors[.groupScales].pointer(to: UInt8.self),
          groups: PackedInt4Weights.groups(inputs: inputs)))
    },
    unpack: { panel, outputs, inputs in
      guard case .int4(let blocks) = panel else { return [] }
      let blockCount = (outputs + 15) / 16
      return withUnsafeTemporaryAllocation(of: Int8.self, capacity: blockCount * blocks.groups * 512) {
        guard let base = $0.baseAddress else { return [] }
        unpackInt4(blocks, blocks: blockCount, into: base)
        return rowMajor(base, outputs, inputs, paddedInputs: blocks.groups * 32)
      }
    },
    columnSums: { parts, outputs, inputs in
      guard let codes = parts[.codes], let groupScales = parts[.groupScales] else { return [] }
      return PackedInt4Weights.channelSums(
        codes.pointer(to: UInt8.self), groupScales: groupScales.pointer(to: UInt8.self), outputs: outputs,
        inputs: inputs)
    })

  private static func bytes(_ values: [some BitwiseCopyable]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  private static func rowMajor(
    _ codes: UnsafePointer<Int8>, _ n: Int, _ k: Int, paddedInputs: Int
  ) -> [Int8] {
    (0..<n * k).map { codes[PackedInt8Weights.index($0 / k, $0 % k, inputs: paddedInputs)] }
  }
}

extension WeightFormat {
  /// The sum of each channel's whole-number weights, of parts that are packed already.
  ///
  /// - Parameter inputs: A multiple of the format's group, 32 at most.
  package func channelSums(_ parts: [WeightPart: TensorView], outputs: Int, inputs: Int) -> [Int32] {
    WeightCodec.of(self).columnSums(parts, outputs, inputs)
  }

  /// The formats that kernels pack and read; all of them, which a test checks.
  package static var implemented: [WeightFormat] { WeightCodec.all.map(\.format) }
}
