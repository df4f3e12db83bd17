import Architectures
import Kernels
import TensorCore

/// Turns a float32 model whose layers have static inputs, and its calibration, into the tensors of a pack.
struct StaticInputQuantizer {
  let table: TensorTable
  let options: QuantizationOptions
  let statistics: [String: ActivationStatistics]
  let pool: WorkerPool
  let report: ImportProgress.Handler
  let tensor: (String) throws -> FloatTensor

  func run() throws -> QuantizedTensors {
    var output = QuantizedTensors()
    // Written with the layers that read them.
    let migrated = Set(table.rows.compactMap(\.norm))
    for (index, row) in table.rows.enumerated() where !migrated.contains(row.role) {
      report(ImportProgress(.quantizing, index, of: table.rows.count))
      switch row.kind {
      case .matrix(_, _, let precision):
        let format = options.recipe.format(precision)
        if let norm = row.norm {
          try add(row, behind: table[norm, row.layer], as: format, to: &output)
        } else {
          try add(row, as: format, to: &output)
        }
      case .norm, .vector: output.tensors += try row.floats(tensor)
      }
    }
    return output
  }

  /// A layer behind a norm, with the migration whose quantized output is nearest to float32.
  private func add(
    _ row: TensorRow, behind norm: TensorRow, as format: WeightFormat, to output: inout QuantizedTensors
  ) throws {
    let (seen, weight) = (try require(row.name), try row.weight(tensor))
    let x = seen.sampleRows
    let exact = LayerError.product(x, weight, pool: pool)
    let candidates = [Float(0), 0.5, 0.75, 1].compactMap { exponent in
      StaticLayer(NormMigration(seen, exponent: exponent), weight, as: format, x: x, exact: exact, pool: pool)
    }
    guard let best = candidates.min(by: { $0.error < $1.error }) else {
      throw QuantizationError.noFiniteForm(layer: row.name)
    }
    output.errors[row.name] = best.error
    output.formats[row.name] = format
    let migration = best.migration
    let parts = norm.floats
    output.tensors += [
      PackTensor(parts[0].name, floats: migration.normWeight(try tensor(parts[0].source.name).values)),
      PackTensor(parts[1].name, floats: migration.normBias(try tensor(parts[1].source.name).values)),
    ]
    output.tensors += best.tensors(row, bias: migration.bias(try row.bias(tensor), weight: weight))
  }

  /// A layer whose input no norm can be migrated into.
  private func add(_ row: TensorRow, as format: WeightFormat, to output: inout QuantizedTensors) throws {
    let (seen, weight) = (try require(row.name), try row.weight(tensor))
    let x = seen.sampleRows
    let candidate = StaticLayer(
      NormMigration(seen, exponent: 0), weight, as: format, x: x,
      exact: LayerError.product(x, weight, pool: pool),
      pool: pool)
    guard let layer = candidate else { throw QuantizationError.noFiniteForm(layer: row.name) }
    output.errors[row.name] = layer.error
    output.formats[row.name] = format
    output.tensors += layer.tensors(row, bias: try row.bias(tensor))
  }

  private func require(_ name: String) throws -> ActivationStatistics {
    guard let seen = statistics[name] else { throw QuantizationError.notCalibrated(layer: name) }
    return seen
  }
}

/// One candidate: migrated weights rounded, the input range chosen, and the error of both together.
private struct StaticLayer {
  let migration: NormMigration
  let layer: QuantizedLayer
  let range: StaticRange
  let error: Double

  /// Nil where the migrated layer, or its error, is beyond float32.
  init?(
    _ migration: NormMigration, _ weight: FloatTensor, as format: WeightFormat, x: FloatTensor,
    exact: [Float],
    pool: WorkerPool
  ) {
    self.migration = migration
    var input = migration.input(x)
    let migrated = migration.weight(weight)
    guard migration.isUsable, input.isFinite, migrated.isFinite else { return nil }
    layer = WeightRounding.to(format).round(migrated, input.columnMeanSquares, pool: pool)
    range = .leastError(on: input.values)
    for index in input.values.indices { input.values[index] = range.roundTrip(input.values[index]) }
    let shiftTerm = migration.bias([Float](repeating: 0, count: weight.shape[0]), weight: weight)
    var quantized = LayerError.product(input, layer.dequantized, pool: pool)
    for index in quantized.indices { quantized[index] += shiftTerm[index % shiftTerm.count] }
    error = LayerError.relative(exact, quantized)
    guard error.isFinite else { return nil }
  }

  func tensors(_ row: TensorRow, bias: [Float]) -> [PackTensor] {
    layer.tensors(row.name) + [
      PackTensor(row.biasName, floats: bias),
      PackTensor(row.activationName, floats: [range.scale, Float(range.zero)]),
    ]
  }
}

extension FloatTensor {
  /// The mean square of each column of a matrix: how much an error of the weights that read it matters.
  fileprivate var columnMeanSquares: [Float] {
    var sums = [Double](repeating: 1e-12, count: shape[1])
    for (index, value) in values.enumerated() { sums[index % shape[1]] += Double(value) * Double(value) }
    return errorWeights(sums.map { $0 / Double(max(1, shape[0])) })
  }

  fileprivate var isFinite: Bool { values.allSatisfy(\.isFinite) }
}
