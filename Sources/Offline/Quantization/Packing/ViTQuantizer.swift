import Kernels
import Models
import TensorCore

/// Turns a float32 Vision Transformer and its calibration into the tensors of a pack.
struct ViTQuantizer {
  let configuration: ViTConfiguration
  let options: QuantizationOptions
  let statistics: [String: ActivationStatistics]
  let pool: WorkerPool
  let tensor: (String) throws -> FloatTensor

  struct Output {
    var tensors: [PackTensor] = []
    /// Relative output error of each layer on the calibration sample.
    var errors: [String: Double] = [:]
  }

  func run() throws -> Output {
    var output = Output()
    let c = configuration
    let embeddings = "vit.embeddings."
    let kernel = try tensor(embeddings + "patch_embeddings.projection.weight").values
    try add(
      ViTNames.patches, FloatTensor(shape: [c.width, c.patchValues], values: kernel),
      bias: try tensor(embeddings + "patch_embeddings.projection.bias").values, bits: 8, to: &output)
    output.tensors.append(
      PackTensor(ViTNames.classToken, floats: try tensor(embeddings + "cls_token").values))
    output.tensors.append(
      PackTensor(
        ViTNames.positions, floats: try tensor(embeddings + "position_embeddings").values,
        shape: [c.tokens, c.width]))
    for layer in 0..<c.layers { try addBlock(layer, to: &output) }
    for part in ["weight", "bias"] {
      output.tensors.append(
        PackTensor("\(ViTNames.finalNorm).\(part)", floats: try tensor("vit.layernorm.\(part)").values))
    }
    try add(
      ViTNames.head, try tensor("classifier.weight"), bias: try tensor("classifier.bias").values, bits: 8,
      to: &output)
    return output
  }

  private func addBlock(_ layer: Int, to output: inout Output) throws {
    let (prefix, bits) = ("vit.encoder.layer.\(layer).", options.recipe.weightBits)
    let projections = ["query", "key", "value"].map { prefix + "attention.attention." + $0 }
    let bias =
      configuration.queryKeyValueBias
      ? try projections.flatMap { try tensor($0 + ".bias").values }
      : [Float](repeating: 0, count: 3 * configuration.width)
    try addAfterNorm(
      ViTNames.queryKeyValue(layer), .joinRows(try projections.map { try tensor($0 + ".weight") }),
      bias: bias,
      norm: ViTNames.attentionNorm(layer), source: prefix + "layernorm_before", to: &output)
    try addLinear(ViTNames.attentionOutput(layer), prefix + "attention.output.dense", bits: bits, to: &output)
    try addAfterNorm(
      ViTNames.up(layer), try tensor(prefix + "intermediate.dense.weight"),
      bias: try tensor(prefix + "intermediate.dense.bias").values, norm: ViTNames.feedForwardNorm(layer),
      source: prefix + "layernorm_after", to: &output)
    try addLinear(ViTNames.down(layer), prefix + "output.dense", bits: bits, to: &output)
  }

  private func addLinear(_ name: String, _ source: String, bits: Int, to output: inout Output) throws {
    try add(
      name, try tensor(source + ".weight"), bias: try tensor(source + ".bias").values, bits: bits, to: &output
    )
  }

  /// A layer behind a LayerNorm, with the migration whose quantized output is nearest to float32.
  private func addAfterNorm(
    _ name: String, _ weight: FloatTensor, bias: [Float], norm: String, source: String,
    to output: inout Output
  ) throws {
    let seen = try require(name)
    let (x, bits) = (seen.sampleRows, options.recipe.weightBits)
    let exact = LayerError.product(x, weight, pool: pool)
    let candidates = [Float(0), 0.5, 0.75, 1].compactMap { exponent in
      StaticLayer(NormMigration(seen, exponent: exponent), weight, bits: bits, x: x, exact: exact, pool: pool)
    }
    guard let best = candidates.min(by: { $0.error < $1.error }) else {
      throw QuantizationError.noFiniteForm(layer: name)
    }
    output.errors[name] = best.error
    let migration = best.migration
    output.tensors += [
      PackTensor(norm + ".weight", floats: migration.normWeight(try tensor(source + ".weight").values)),
      PackTensor(norm + ".bias", floats: migration.normBias(try tensor(source + ".bias").values)),
    ]
    output.tensors += best.tensors(name, bias: migration.bias(bias, weight: weight))
  }

  /// A layer whose input no norm can be migrated into.
  private func add(
    _ name: String, _ weight: FloatTensor, bias: [Float], bits: Int, to output: inout Output
  ) throws {
    let seen = try require(name)
    let x = seen.sampleRows
    let candidate = StaticLayer(
      NormMigration(seen, exponent: 0), weight, bits: bits, x: x,
      exact: LayerError.product(x, weight, pool: pool),
      pool: pool)
    guard let layer = candidate else { throw QuantizationError.noFiniteForm(layer: name) }
    output.errors[name] = layer.error
    output.tensors += layer.tensors(name, bias: bias)
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
    _ migration: NormMigration, _ weight: FloatTensor, bits: Int, x: FloatTensor, exact: [Float],
    pool: WorkerPool
  ) {
    self.migration = migration
    var input = migration.input(x)
    let migrated = migration.weight(weight)
    guard migration.isUsable, input.isFinite, migrated.isFinite else { return nil }
    layer = QuantizedLayer(migrated, bits: bits, importance: input.columnMeanSquares)
    range = .leastError(on: input.values)
    for index in input.values.indices { input.values[index] = range.roundTrip(input.values[index]) }
    let shiftTerm = migration.bias([Float](repeating: 0, count: weight.shape[0]), weight: weight)
    var quantized = LayerError.product(input, layer.dequantized, pool: pool)
    for index in quantized.indices { quantized[index] += shiftTerm[index % shiftTerm.count] }
    error = LayerError.relative(exact, quantized)
    guard error.isFinite else { return nil }
  }

  func tensors(_ name: String, bias: [Float]) -> [PackTensor] {
    layer.tensors(name) + [
      PackTensor(name + ".bias", floats: bias),
      PackTensor(name + ".activation", floats: [range.scale, Float(range.zero)]),
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
