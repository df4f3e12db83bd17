import TensorCore

/// A row of a family's table: one layer or vector of a pack, with the checkpoint's tensors that it is made of.
package struct TensorRow: Sendable, Equatable {
  /// In how many bits a matrix is stored.
  package enum Precision: Sendable {
    /// As the recipe says.
    case recipe
    /// In 8 bits whatever the recipe: tables that are read row by row, and layers where few bits cost most.
    case eightBits
    /// In 4 bits beside the full one; a pack may lack it.
    case draft
  }

  package enum Kind: Sendable, Equatable {
    /// A linear layer `[outputs, inputs]`, quantized.
    case matrix(outputs: Int, inputs: Int, Precision)
    /// Float32 factors of a norm, and offsets where its kind has them, under `NAME.weight` and `NAME.bias`.
    case norm(width: Int)
    /// Float32 values as they are.
    case vector(Shape)
  }

  package let role: TensorRole
  /// The transformer layer that it belongs to; nil outside them.
  package let layer: Int?
  package let kind: Kind
  /// The checkpoint's weights that it consists of, stacked by rows.
  ///
  /// Projections that read the same input are stored as one layer, so that the input is quantized once and multiplied in
  /// one pass.
  package let sources: [SourceTensor]
  /// A bias for each of `sources`, or none.
  package let biases: [SourceTensor]
  /// Whether the scale and zero point of its input are decided offline and stored beside it.
  package let hasStaticInput: Bool
  /// The norm whose output the layer reads, if factors of the input's channels can be moved into that norm's weights.
  package let norm: TensorRole?

  /// The name in the pack.
  package var name: String { Self.name(role, layer) }

  package static func name(_ role: TensorRole, _ layer: Int? = nil) -> String {
    layer.map { "layers.\($0).\(role.rawValue)" } ?? role.rawValue
  }

  /// The layer under whose name calibration recorded this layer's input: a draft head reads what its head reads.
  package var inputName: String { role == .draftHead ? Self.name(.head) : name }

  /// Whether the pack stores a bias. A layer without one gets it where its input is static, because the input's zero point
  /// may have become a bias.
  package var hasStoredBias: Bool { hasStaticInput || !biases.isEmpty }

  /// Rows of a matrix; 0 for a norm or a vector.
  package var outputs: Int { if case .matrix(let outputs, _, _) = kind { outputs } else { 0 } }
  /// Columns of a matrix; 0 for a norm or a vector.
  package var inputs: Int { if case .matrix(_, let inputs, _) = kind { inputs } else { 0 } }

  package var biasName: String { name + ".bias" }
  /// Scale and zero point of a static input.
  package var activationName: String { name + ".activation" }

  /// The float32 tensors of a norm or vector: their names and shapes in the pack and what they are made of.
  package var floats: [(name: String, shape: Shape, source: SourceTensor)] {
    switch kind {
    case .matrix: []
    case .norm(let width):
      zip([name + ".weight", biasName], sources + biases).map { ($0, [width], $1) }
    case .vector(let shape): sources.map { (name, shape, $0) }
    }
  }
}
