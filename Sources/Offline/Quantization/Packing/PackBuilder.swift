import Architectures
import Checkpoints
import Importers
import Kernels
import Packs
import Reference
import TensorCore
import Tokenizers
import Vocabulary

/// From a foreign model to a pack: calibrate, choose schemes, quantize, join with everything a daemon needs to know.
package struct PackBuilder {
  package let model: ImportedModel
  package let tokenizer: TokenizerModel?
  package let options: QuantizationOptions
  package let pool: WorkerPool
  /// Told how far the work is.
  package let report: ImportProgress.Handler

  package init(
    model: ImportedModel, tokenizer: TokenizerModel?, options: QuantizationOptions, pool: WorkerPool,
    report: @escaping ImportProgress.Handler = { _ in }
  ) {
    self.report = report
    self.model = model
    self.tokenizer = tokenizer
    self.options = options
    self.pool = pool
  }

  /// A finished pack, not yet written, so that it can be measured first.
  package struct Result {
    package var name: String
    /// The model's, as transforms left it.
    package var configuration: ModelConfiguration
    package var tensors: [PackTensor]
    package var scheme: ModelScheme
    package var recipe: RecipeRecord
    /// Relative output error of each layer, and of each layer's attention under `layers.N.attention`.
    package var layerErrors: [String: Double]
  }

  private var attention: AttentionScheme { options.attention ?? model.configuration.defaultAttention }

  /// Builds with data at a path; see ``build(name:on:)``.
  package func build(name: String, calibration: String?) throws -> Result {
    try checkParts()
    return try build(name: name, on: calibration.map { try read(.file($0)) })
  }

  /// Reads what to calibrate on: images for a classifier, a text for a language model.
  package func read(_ source: DataSource) throws -> ReadData {
    let isBuiltIn = if case .builtIn = source { true } else { false }
    return ReadData(
      data: try dataReader().calibration(source), digest: source.digest, isBuiltIn: isBuiltIn)
  }

  /// Reads what to measure the pack on afterwards.
  ///
  /// - Parameter limit: At most so many images or tokens; nil takes every image, or the standard 2,000 tokens.
  package func readEvaluation(_ source: DataSource, limit: Int? = nil) throws -> ModelData {
    try dataReader().evaluation(source, limit: limit)
  }

  /// - Parameter data: Images (needed by a ViT) or a text (optional for a language model).
  ///
  /// - Throws: What ``checkParts()`` finds, before anything is computed; ``QuantizationError`` where float32 or the formats
  ///   cannot hold what the model computes.
  package func build(name: String, on data: ReadData?) throws -> Result {
    try checkParts()
    let known = try data.map(extended)
    let seen = try calibrate(known)
    let made = try quantize(seen?.result ?? Calibrator.Result(), known)
    let (quantized, errors) = (made.tensors, made.attentionErrors)
    let chosen = chooseAttention(errors)
    let attention = Dictionary(
      uniqueKeysWithValues: errors.enumerated().map { ("layers.\($0).attention", $1) })
    return Result(
      name: name, configuration: made.configuration, tensors: quantized.tensors + tokenizerTensors,
      scheme: ModelScheme(attention: chosen.schemes, weights: quantized.formats),
      recipe: RecipeRecord(
        name: options.recipe.rawValue, calibrationData: seen?.name, calibrationItems: seen?.items,
        calibrationDigest: data?.digest, transforms: made.transforms, rounding: made.rounding?.rawValue,
        fallbackLayers: chosen.fallbacks,
        writer: "qpack \(Version.current)"),
      layerErrors: quantized.errors.merging(attention) { first, _ in first })
  }

  /// Writes a pack that is at `path` once more, with its record of quality.
  ///
  /// - Complexity: Copies the file; its tensors stay where they are mapped.
  package static func write(_ quality: QualityRecord, into path: String) throws {
    var writer = try PackedModelWriter(copying: PackedModel.open(path: path))
    try writer.add(section: PackSection.quality, quality)
    try writer.write(to: path)
  }

  /// Writes the pack.
  package func write(_ result: Result, quality: QualityRecord?, to path: String) throws {
    var writer = PackedModelWriter()
    try writer.add(section: PackSection.name, result.name)
    try writer.add(section: PackSection.configuration, result.configuration)
    try writer.add(section: PackSection.scheme, result.scheme)
    try writer.add(section: PackSection.recipe, result.recipe)
    try writer.add(section: PackSection.source, model.sourceRecord())
    if let quality { try writer.add(section: PackSection.quality, quality) }
    if let labels = model.labels { try writer.add(section: PackSection.labels, labels) }
    if let recipe = model.preprocessing { try writer.add(section: PackSection.preprocessing, recipe) }
    if let tokenizer { try writer.add(section: PackSection.tokenizer, tokenizer.header) }
    if let generation = model.generation {
      try writer.add(section: PackSection.generation, generation)
    }
    if let template = model.chatTemplate { try writer.add(section: PackSection.chatTemplate, template) }
    for tensor in result.tensors {
      try writer.add(tensor: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
    }
    try writer.write(to: path)
  }

  /// What quantization makes of the model.
  private struct Quantized {
    var configuration: ModelConfiguration
    var tensors: QuantizedTensors
    /// By layer; empty without calibration data.
    var attentionErrors: [Double]
    /// The names of those that were applied.
    var transforms: [String] = []
    var rounding: QuantizationOptions.Rounding?
  }

  /// The sequences that the layers of a language model are solved on, one after another; nil where each weight takes
  /// its nearest code.
  private func solved(on data: ModelData?) -> [[Int]]? {
    guard options.rounding == .hessian, case .text(let text) = data else { return nil }
    return text.chunks
  }

  private func quantize(_ seen: Calibrator.Result, _ data: ModelData?) throws -> Quantized {
    let quantized =
      switch model.configuration {
      case .vision: try quantizeImages(seen)
      case .decoder(let decoder): try quantize(decoder, seen, solvedOn: solved(on: data))
      }
    if let broken = quantized.tensors.tensors.first(where: { !$0.isFinite }) {
      throw QuantizationError.noFiniteForm(layer: broken.name)
    }
    return quantized
  }

  private func quantizeImages(_ seen: Calibrator.Result) throws -> Quantized {
    let quantizer = StaticInputQuantizer(
      table: model.configuration.tensorTable, options: options, statistics: seen.statistics, pool: pool,
      report: report, tensor: model.tensor)
    return Quantized(
      configuration: model.configuration, tensors: try quantizer.run(), attentionErrors: seen.attentionErrors)
  }

  private func quantize(
    _ decoder: DecoderConfiguration, _ seen: Calibrator.Result, solvedOn sequences: [[Int]]?
  ) throws -> Quantized {
    let (statistics, pays) = (seen.statistics, sequences != nil || options.recipe.weights == .int8)
    let transforms = (options.transforms ?? (pays ? ModelTransform.all : [])).filter {
      $0.obstacle(decoder) == nil && !($0.isCalibrated && statistics.isEmpty)
    }
    let float = try FloatModel(decoder, pool: pool, tensor: model.tensor).applying(
      transforms,
      TransformInputs(
        statistics: statistics,
        mixesDown: transforms.contains { $0.name == ModelTransform.mixDown.name }))
    var (rounded, errors) = ([String: RoundedLayer](), seen.attentionErrors)
    if let sequences {
      let recorder = AttentionRecorder(attention, layers: decoder.layers, continuingWith: .exact, pool: pool)
      let quantizer = DecoderQuantizer(model: float, options: options, sequences: sequences, report: report)
      rounded = try quantizer.run(attention: recorder.attend)
      errors = try recorder.relativeErrors()
    }
    let quantizer = DynamicInputQuantizer(
      table: float.table, options: options, statistics: transforms.isEmpty ? statistics : [:],
      rounded: rounded, pool: pool, report: report, tensor: float.tensor)
    return Quantized(
      configuration: .decoder(float.configuration), tensors: try quantizer.run(), attentionErrors: errors,
      transforms: transforms.map(\.name), rounding: sequences == nil ? .nearest : .hessian)
  }

  private var tokenizerTensors: [PackTensor] {
    (tokenizer?.tensors() ?? []).map { PackTensor($0.name, $0.type, $0.shape, $0.bytes) }
  }

  // MARK: Calibration

  /// The data, and text of a language model's own where second moments need more than is built in.
  private func extended(_ read: ReadData) throws -> ModelData {
    guard read.isBuiltIn, options.rounding == .hessian, case .text(let text) = read.data,
      case .decoder(let decoder) = model.configuration
    else { return read.data }
    let sampling = SelfSampling(
      model: FloatModel(decoder, pool: pool, tensor: model.tensor),
      begin: ModelPack.beginToken(model.configuration, tokenizer?.header), report: report)
    let sampled = try sampling.sequences(
      tokens: DataReader.calibrationTokens - read.data.count, length: min(512, decoder.context))
    return .text(TextChunks(name: "\(text.name) and text of its own", chunks: text.chunks + sampled))
  }

  private func calibrate(_ data: ModelData?) throws -> (result: Calibrator.Result, name: String, items: Int)?
  {
    guard let data else {
      if model.configuration.tensorTable.needsCalibration {
        throw QuantizationError.needsCalibration(architecture: model.configuration.architecture)
      }
      return nil
    }
    let calibrator = Calibrator(
      reference: try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor),
      // Solving the layers judges attention on its way, on the values as transforms left them.
      scheme: solved(on: data) == nil ? attention : nil,
      pool: pool, report: report)
    return (try calibrator.run(data), data.name, data.count)
  }

  private func dataReader() throws -> DataReader {
    DataReader(
      capability: model.configuration.capability, labels: model.labels ?? [],
      preprocessing: model.preprocessing, tokenizer: try tokenizer.map { try Tokenizer($0) },
      begin: ModelPack.beginToken(model.configuration, tokenizer?.header))
  }

  /// Every layer takes the asked scheme, or 8-bit keys and values where its error exceeds the gate.
  private func chooseAttention(_ errors: [Double]) -> (schemes: [AttentionScheme], fallbacks: [Int]) {
    var (schemes, fallbacks) = ([AttentionScheme](), [Int]())
    for layer in 0..<model.configuration.layers {
      var scheme = attention
      if errors.indices.contains(layer), errors[layer] > options.attentionGate {
        (scheme.keyBits, scheme.valueBits) = (8, 8)
        fallbacks.append(layer)
      }
      schemes.append(scheme)
    }
    return (schemes, fallbacks)
  }
}
