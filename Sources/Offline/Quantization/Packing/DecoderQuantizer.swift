import Architectures
import Kernels
import Reference
import TensorCore

/// A layer of a pack after rounding, as the pack stores it.
struct RoundedLayer {
  let format: WeightFormat
  let tensors: [PackTensor]
  /// Relative error of its output on a part of the calibration data.
  let error: Double
}

/// Rounds a decoder's layers one after another in the order of computation, each for what it reads once those before it
/// are rounded.
///
/// Holds the stream of all calibration tokens and the second moments of one layer's input.
struct DecoderQuantizer {
  let model: FloatModel
  let options: QuantizationOptions
  /// Sequences of tokens to calibrate on.
  let sequences: [[Int]]
  let report: ImportProgress.Handler

  /// - Parameter attention: Computes attention in place of the exact one.
  func run(attention: ((AttentionInputs) -> FloatTensor)?) throws -> [String: RoundedLayer] {
    var layers: [String: RoundedLayer] = [:]
    let walk = try DecoderWalk(
      model.configuration, sequences: sequences, pool: model.pool, tensor: model.tensor)
    let count = model.table.matrices.count
    try walk.run(attention: attention) { row, inputs in
      report(ImportProgress(.quantizing, layers.count, of: count))
      guard case .matrix(_, _, let precision) = row.kind else { return nil }
      let rounded = try round(row, as: options.recipe.format(precision), inputs)
      layers[row.name] = rounded.layer
      return rounded.weights
    }
    return layers
  }

  private func round(
    _ row: TensorRow, as format: WeightFormat, _ inputs: [FloatTensor]
  ) throws -> (layer: RoundedLayer, weights: FloatTensor) {
    let (weight, pool) = (try row.weight(model.tensor), model.pool)
    var moments = SecondMoments(columns: row.inputs)
    for x in inputs { moments.add(x, pool: pool) }
    let plan = WeightRounding.to(format).plan(weight, moments.importance, pool)
    // A layer that reads nothing but zeros has nothing to go by.
    let codes = HessianFactor(moments, pool: pool).map {
      HessianRounding(grid: plan.grid, hessian: $0, passes: options.descentPasses, pool: pool).codes(weight)
    }
    let layer = codes.map(plan.layer) ?? plan.nearest()
    let error = LayerError.ofOutput(inputs[0], weight, rounded: layer.dequantized, pool: pool)
    guard error.isFinite else { throw QuantizationError.noFiniteForm(layer: row.name) }
    return (RoundedLayer(format: format, tensors: layer.tensors(row.name), error: error), layer.dequantized)
  }
}
