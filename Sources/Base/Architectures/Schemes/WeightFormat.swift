import TensorCore

/// What a tensor of a quantized layer holds; the raw value is its suffix in packs.
package enum WeightPart: String, Sendable, CaseIterable {
  /// The weights' codes, in the layout that kernels read.
  case codes
  /// Step and zero point of each group of inputs and channel.
  case groupScales = "metas"
  /// The float scale of each channel.
  case scales
  /// The sum of each channel's whole-number weights.
  case columnSums = "sums"
}

/// A format of quantized weights: what a pack stores of a linear layer `[outputs, inputs]`.
///
/// A format is one line in ``all``, one in the kernels' list of codecs and one in quantization's list of roundings; packs
/// record its name for each layer.
package struct WeightFormat: Sendable {
  /// One tensor of a layer.
  package struct Tensor: Sendable {
    package let part: WeightPart
    package let type: ElementType
    /// Elements, from the layer's outputs and inputs.
    package let count: @Sendable (_ outputs: Int, _ inputs: Int) -> Int
  }

  /// As packs record it.
  package let name: String
  /// Bits of a weight, scales aside.
  package let bits: Int
  /// A layer's tensors in the order of a pack's file.
  package let tensors: [Tensor]

  /// Elements of a part; 0 where the format has none.
  package func count(_ part: WeightPart, outputs: Int, inputs: Int) -> Int {
    tensors.first { $0.part == part }?.count(outputs, inputs) ?? 0
  }

  /// Bytes of all parts.
  package func byteCount(outputs: Int, inputs: Int) -> Int {
    tensors.reduce(0) { $0 + $1.count(outputs, inputs) * $1.type.byteSize }
  }

  /// The name of a part of the layer `name` in a pack.
  package static func tensorName(_ layer: String, _ part: WeightPart) -> String {
    "\(layer).\(part.rawValue)"
  }
}

extension WeightFormat {
  /// Every format that packs may record.
  package static let all = [int8, int4]

  /// 8-bit codes with one scale per output channel: blocks of 16 channels times 4 inputs.
  package static let int8 = WeightFormat(
    name: "int8", bits: 8,
    tensors: [
      Tensor(part: .codes, type: .i8) { roundUp($0, to: 16) * roundUp($1, to: 4) },
      Tensor(part: .scales, type: .f32) { outputs, _ in outputs },
      Tensor(part: .columnSums, type: .i32) { outputs, _ in outputs },
    ])

  /// 4-bit codes, two a byte, in groups of 32 inputs with a whole-number step and zero point each; one scale per output
  /// channel.
  package static let int4 = WeightFormat(
    name: "int4", bits: 4,
    tensors: [
      Tensor(part: .codes, type: .u8) { roundUp($0, to: 16) * roundUp($1, to: 32) / 2 },
      Tensor(part: .groupScales, type: .u8) { roundUp($0, to: 16) * roundUp($1, to: 32) / 32 },
      Tensor(part: .scales, type: .f32) { outputs, _ in outputs },
      Tensor(part: .columnSums, type: .i32) { outputs, _ in outputs },
    ])

  private static func roundUp(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }
}

extension WeightFormat: Hashable {
  package static func == (a: WeightFormat, b: WeightFormat) -> Bool { a.name == b.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension WeightFormat: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let format = Self.all.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "weight format '\(name)' is none of \(Self.all.map(\.name).joined(separator: ", "))"
      )
    }
    self = format
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
