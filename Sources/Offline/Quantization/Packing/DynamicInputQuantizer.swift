import Architectures
import Kernels
import TensorCore

/// Turns a float32 model whose layers quantize each row of their input anew into the tensors of a pack.
struct DynamicInputQuantizer {
  let table: TensorTable
  let options: QuantizationOptions
  /// What calibration saw, by layer name; empty without calibration data.
  let statistics: [String: ActivationStatistics]
  /// Layers that are rounded already.
  var rounded: [String: RoundedLayer] = [:]
  let pool: WorkerPool
  let report: ImportProgress.Handler
  let tensor: (String) throws -> FloatTensor

  func run() throws -> QuantizedTensors {
    var output = QuantizedTensors()
    for (index, row) in order.enumerated() {
      report(ImportProgress(.quantizing, index, of: table.rows.count))
      switch row.kind {
      case .matrix(let outputs, _, let precision):
        guard precision != .draft || options.draftsHead(vocabulary: outputs) else { continue }
        try add(row, as: options.recipe.format(precision), to: &output)
      case .norm, .vector:
        output.tensors += try row.floats(tensor)
      }
    }
    return output
  }

  /// Heads beside the embedding, and a layer's norms before its matrices: the order of every pack so far, kept so that
  /// the same model gives the same file.
  private var order: [TensorRow] {
    func rank(_ row: TensorRow) -> (Int, Int) {
      switch row.role {
      case .embedding, .head, .draftHead: return (-1, 0)
      case .finalNorm: return (.max, 0)
      default: break
      }
      if case .norm = row.kind { return (row.layer ?? -1, 0) }
      return (row.layer ?? -1, 1)
    }
    return table.rows.enumerated().sorted { a, b in
      let (first, second) = (rank(a.element), rank(b.element))
      return first == second ? a.offset < b.offset : first < second
    }.map(\.element)
  }

  private func add(_ row: TensorRow, as format: WeightFormat, to output: inout QuantizedTensors) throws {
    if let done = rounded[row.name] { return try add(row, done, to: &output) }
    let weight = try row.weight(tensor)
    let seen = statistics[row.inputName]
    let layer = WeightRounding.to(format).round(weight, seen?.importance, pool: pool)
    let error = error(of: layer, weight, input: seen?.sampleRows)
    guard error.isFinite else { throw QuantizationError.noFiniteForm(layer: row.name) }
    try add(row, RoundedLayer(format: format, tensors: layer.tensors(row.name), error: error), to: &output)
  }

  private func add(_ row: TensorRow, _ layer: RoundedLayer, to output: inout QuantizedTensors) throws {
    output.tensors += layer.tensors
    output.formats[row.name] = layer.format
    output.errors[row.name] = layer.error
    if row.hasStoredBias {
      output.tensors.append(PackTensor(row.biasName, floats: try row.bias(tensor)))
    }
  }

  private func error(of layer: QuantizedLayer, _ weight: FloatTensor, input: FloatTensor?) -> Double {
    guard let input else { return LayerError.relative(weight.values, layer.dequantized.values) }
    return LayerError.ofOutput(input, weight, rounded: layer.dequantized, pool: pool)
  }
}
