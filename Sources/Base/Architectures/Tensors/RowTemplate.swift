import TensorCore

/// A row as the tables are written: the same for every transformer layer, and so without a layer's number in its names.
struct RowTemplate {
  private let modules: [SourceModule]
  private let make: ([SourceModule], Int?) -> TensorRow

  /// The row of a model, or of its transformer layer `layer`, whose names begin with `prefixes`.
  func row(layer: Int? = nil, _ prefixes: [Dialect: String] = [:]) -> TensorRow {
    make(modules.map { $0.prefixed(prefixes) }, layer)
  }

  /// A linear layer of `modules`, one after another.
  ///
  /// - Parameters:
  ///   - bias: Whether each module has one.
  ///   - norm: The norm whose output it reads.
  static func matrix(
    _ role: TensorRole, _ modules: [SourceModule], bias: Bool = false,
    _ precision: TensorRow.Precision = .recipe, staticInput: Bool = false, reads norm: TensorRole? = nil
  ) -> RowTemplate {
    RowTemplate(modules: modules) { modules, layer in
      let shapes = modules.map(\.shape)
      let inputs = shapes[0].extents.dropFirst().reduce(1, *)
      return TensorRow(
        role: role, layer: layer,
        kind: .matrix(outputs: shapes.reduce(0) { $0 + $1[0] }, inputs: inputs, precision),
        sources: modules.map(\.weight), biases: bias ? modules.map(\.bias) : [],
        hasStaticInput: staticInput, norm: norm)
    }
  }

  static func norm(_ role: TensorRole, _ kind: NormKind, _ module: SourceModule) -> RowTemplate {
    RowTemplate(modules: [module]) { modules, layer in
      TensorRow(
        role: role, layer: layer, kind: .norm(width: module.shape[0]), sources: modules.map(\.weight),
        biases: kind.hasBias ? modules.map(\.bias) : [], hasStaticInput: false, norm: nil)
    }
  }

  /// A parameter that the pack stores in `shape`.
  static func vector(_ role: TensorRole, _ shape: Shape, _ module: SourceModule) -> RowTemplate {
    RowTemplate(modules: [module]) { modules, layer in
      TensorRow(
        role: role, layer: layer, kind: .vector(shape), sources: modules.map(\.parameter), biases: [],
        hasStaticInput: false, norm: nil)
    }
  }
}
