/// All tensors of a model, a row for each layer or vector of its pack, in the order of computation.
///
/// Importers read here which tensors must exist, quantization which to round, the float reference which to multiply, and
/// models which to load. A tensor that is not in the table does not exist for any of them.
package struct TensorTable: Sendable {
  private struct Key: Hashable {
    let role: TensorRole
    let layer: Int?
  }

  package let rows: [TensorRow]
  private let index: [Key: Int]

  /// - Parameters:
  ///   - layers: Transformer layers.
  ///   - layer: The rows of each.
  ///   - prefixes: What stands before a layer's names in each dialect.
  init(
    layers: Int, before: [RowTemplate], layer: [RowTemplate], after: [RowTemplate],
    prefixes: (_ layer: Int) -> [Dialect: String]
  ) {
    rows =
      before.map { $0.row() }
      + (0..<layers).flatMap { number in
        let prefixes = prefixes(number)
        return layer.map { $0.row(layer: number, prefixes) }
      }
      + after.map { $0.row() }
    index = Dictionary(
      uniqueKeysWithValues: rows.enumerated().map { (Key(role: $1.role, layer: $1.layer), $0) })
  }

  /// The row of `role`, in transformer layer `layer` where the role belongs to one; nil where the model has none.
  package func find(_ role: TensorRole, _ layer: Int? = nil) -> TensorRow? {
    index[Key(role: role, layer: layer)].map { rows[$0] }
  }

  /// As ``find(_:_:)``, for a role that the family always has.
  ///
  /// - Precondition: There is such a row.
  package subscript(role: TensorRole, layer: Int? = nil) -> TensorRow {
    guard let row = find(role, layer) else {
      preconditionFailure("TensorTable: no row '\(TensorRow.name(role, layer))'")
    }
    return row
  }

  /// The rows that are quantized.
  package var matrices: [TensorRow] {
    rows.filter { if case .matrix = $0.kind { true } else { false } }
  }

  /// The matrix that turns the last hidden state into logits: the head, or the embedding that it is tied to.
  package var outputProjection: TensorRow { find(.head) ?? self[.embedding] }

  /// Whether some layer's input is quantized with a scale that calibration has to find.
  package var needsCalibration: Bool { rows.contains(where: \.hasStaticInput) }

  /// Every tensor of a checkpoint, once, in the order of computation.
  package var sources: [SourceTensor] {
    rows.filter { $0.role != .draftHead }.flatMap { row in
      // Weight before bias of each module, as checkpoints list them.
      row.sources.indices.flatMap { index in
        [row.sources[index]] + (row.biases.indices.contains(index) ? [row.biases[index]] : [])
      }
    }
  }
}
