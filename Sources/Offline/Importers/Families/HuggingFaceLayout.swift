import Architectures
import Checkpoints
import TensorCore

/// How a class lays out its weights, where that differs from the tensor table.
struct HuggingFaceLayout: Sendable {
  /// Whether query, key and value are one matrix, and gate and up another.
  var joinsProjections = false
  /// Whether norms multiply by `1 + weight`.
  var normsFromZero = false

  /// Where the tensors of `table` lie, as far as their own names do not say it.
  func locations(_ table: TensorTable) -> [String: MappedWeights.Location] {
    guard joinsProjections else { return [:] }
    var locations: [String: MappedWeights.Location] = [:]
    for row in table.rows {
      guard let layer = row.layer, let name = Self.joined[row.role] else { continue }
      var start = 0
      for source in row.sources {
        locations[source.name] = .init(
          name: "model.layers.\(layer).\(name).weight", rows: start..<start + source.shape[0])
        start += source.shape[0]
      }
    }
    return locations
  }

  private static let joined: [TensorRole: String] = [
    .queryKeyValue: "self_attn.qkv_proj", .gateUp: "mlp.gate_up_proj",
  ]

  /// `weights` with what this layout leaves out of them.
  func folded(_ weights: MappedWeights, _ table: TensorTable) -> any WeightSource {
    guard normsFromZero else { return weights }
    let norms = table.rows.filter { if case .norm = $0.kind { true } else { false } }
    return NormsFromZero(weights: weights, norms: Set(norms.flatMap { $0.sources.map(\.name) }))
  }
}

/// Weights whose norms are stored as what they differ from 1 by.
private struct NormsFromZero: WeightSource {
  let weights: MappedWeights
  let norms: Set<String>

  var files: [MappedFile] { weights.files }
  func file(of name: String) -> String { weights.file(of: name) }
  func shape(of name: String) -> Shape? { weights.shape(of: name) }

  func tensor(_ name: String) throws -> FloatTensor {
    var tensor = try weights.tensor(name)
    if norms.contains(name) { for index in tensor.values.indices { tensor.values[index] += 1 } }
    return tensor
  }
}
