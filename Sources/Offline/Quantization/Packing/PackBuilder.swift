import Checkpoints
import ImageProcessing
import Importers
import Kernels
import Models
import Packs
import TensorCore
import Tokenizers
import WireProtocol

/// From a foreign model to a pack: calibrate, choose schemes, quantize, join with everything a daemon needs to know.
package struct PackBuilder {
  package let model: ImportedModel
  package let tokenizer: TokenizerModel?
  package let options: QuantizationOptions
  package let pool: WorkerPool

  package init(
    model: ImportedModel, tokenizer: TokenizerModel?, options: QuantizationOptions, pool: WorkerPool
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.options = options
    self.pool = pool
  }

  /// A finished pack, not yet written, so that it can be measured first.
  package struct Result {
    package var name: String
    package var tensors: [PackTensor]
    package var scheme: ModelScheme
    package var recipe: RecipeRecord
    /// Relative output error of each layer, and of each layer's attention under `layers.N.attention`.
    package var layerErrors: [String: Double]
  }

  private var attention: AttentionScheme { options.attention ?? model.configuration.defaultAttention }

  /// How many items calibration reads at most.
  package static let calibrationImages = 256

  /// - Parameter calibration: A data set of images (needed by a ViT) or a text (optional for a language model).
  ///
  /// - Throws: What ``checkParts()`` finds, before anything is computed; ``QuantizationError`` where float32 or the formats
  ///   cannot hold what the model computes.
  package func build(name: String, calibration: String?) throws -> Result {
    try checkParts()
    let seen = try calibrate(calibration)
    let chosen = chooseAttention(seen?.result.attentionErrors ?? [])
    let statistics = seen?.result.statistics ?? [:]
    let (tensors, errors) = try quantize(statistics)
    let attention = Dictionary(
      uniqueKeysWithValues: (seen?.result.attentionErrors ?? []).enumerated().map {
        ("layers.\($0).attention", $1)
      })
    return Result(
      name: name, tensors: tensors + tokenizerTensors, scheme: ModelScheme(attention: chosen.schemes),
      recipe: RecipeRecord(
        name: options.recipe.rawValue, calibrationData: seen?.name, calibrationItems: seen?.items,
        calibrationDigest: try calibration.flatMap(Self.digest), fallbackLayers: chosen.fallbacks,
        writer: "qpack \(Version.current)"),
      layerErrors: errors.merging(attention) { first, _ in first })
  }

  /// Writes the pack.
  package func write(_ result: Result, quality: QualityRecord?, to path: String) throws {
    var writer = PackedModelWriter()
    try writer.add(section: PackSection.name, result.name)
    try writer.add(section: PackSection.configuration, model.configuration)
    try writer.add(section: PackSection.scheme, result.scheme)
    try writer.add(section: PackSection.recipe, result.recipe)
    try writer.add(section: PackSection.source, model.sourceRecord())
    if let quality { try writer.add(section: PackSection.quality, quality) }
    if let labels = model.labels { try writer.add(section: PackSection.labels, labels) }
    if case .vit(let vit) = model.configuration {
      let recipe = ImagePreprocessing(model.preprocessing, imageSize: vit.imageSize)
      try writer.add(section: PackSection.preprocessing, recipe)
    }
    if let tokenizer { try writer.add(section: PackSection.tokenizer, tokenizer.header) }
    if let generation = model.generation {
      try writer.add(section: PackSection.generation, GenerationDefaults(generation))
    }
    if let template = model.chatTemplate { try writer.add(section: PackSection.chatTemplate, template) }
    for tensor in result.tensors {
      try writer.add(tensor: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
    }
    try writer.write(to: path)
  }

  private func quantize(
    _ statistics: [String: ActivationStatistics]
  ) throws -> (tensors: [PackTensor], errors: [String: Double]) {
    let (tensors, errors): ([PackTensor], [String: Double])
    switch model.configuration {
    case .vit(let configuration):
      let output = try ViTQuantizer(
        configuration: configuration, options: options, statistics: statistics, pool: pool,
        tensor: model.tensor
      ).run()
      (tensors, errors) = (output.tensors, output.errors)
    case .llama(let configuration):
      let output = try LlamaQuantizer(
        configuration: configuration, options: options, statistics: statistics, pool: pool,
        tensor: model.tensor
      ).run()
      (tensors, errors) = (output.tensors, output.errors)
    }
    if let broken = tensors.first(where: { !$0.isFinite }) {
      throw QuantizationError.noFiniteForm(layer: broken.name)
    }
    return (tensors, errors)
  }

  private var tokenizerTensors: [PackTensor] {
    (tokenizer?.tensors() ?? []).map { PackTensor($0.name, $0.type, $0.shape, $0.bytes) }
  }

  // MARK: Calibration

  private func calibrate(_ path: String?) throws -> (result: Calibrator.Result, name: String, items: Int)? {
    guard let path else {
      if case .vit = model.configuration {
        throw QuantizationError.needsCalibration(architecture: model.configuration.architecture)
      }
      return nil
    }
    let calibrator = Calibrator(
      reference: try ReferenceModel(model, pool: pool), scheme: attention, pool: pool)
    switch model.configuration {
    case .vit(let vit):
      let data = try ImageDataset.open(path: path, labels: model.labels ?? [], limit: Self.calibrationImages)
      let recipe = ImagePreprocessing(model.preprocessing, imageSize: vit.imageSize)
      let images = try data.items.map { try NormalizedImage($0.image, recipe, size: vit.inputSize).values }
      return (try calibrator.run(images: images), data.name, images.count)
    case .llama(let llama):
      guard let tokenizer else { throw QuantizationError.noTokenizer }
      let text = try TextChunks.open(
        path: path, tokenizer: Tokenizer(tokenizer), begin: llama.beginToken, limit: 8_192,
        length: min(512, llama.context) - 1)
      return (try calibrator.run(text: text), text.name, text.chunks.reduce(0) { $0 + $1.count })
    }
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

  private static func digest(_ path: String) throws -> String? {
    (try? MappedFile(path: path))?.digest().description
  }
}

extension ModelConfiguration {
  var layers: Int {
    switch self {
    case .vit(let vit): vit.layers
    case .llama(let llama): llama.layers
    }
  }
}

extension ImagePreprocessing {
  /// The record of an imported model; without one, the usual resize to the model's size and a mean and deviation of 0.5.
  package init(_ imported: ImportedPreprocessing?, imageSize: Int) {
    self.init(
      resize: .exact(height: imageSize, width: imageSize), interpolation: .bilinear, mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5])
    guard let imported else { return }
    switch imported.resize {
    case .none: resize = .none
    case .exact(let height, let width): resize = .exact(height: height, width: width)
    case .shortestEdge(let edge): resize = .shortestEdge(edge)
    }
    crop = imported.crop.map { ImageSize(height: $0.height, width: $0.width) }
    interpolation = Interpolation(rawValue: imported.resample.rawValue) ?? .bilinear
    rescale = imported.rescale
    (mean, std) = (imported.mean, imported.deviation)
  }
}

extension GenerationDefaults {
  init(_ imported: ImportedGeneration) {
    self.init(
      temperature: imported.temperature, topK: imported.topK, topP: imported.topP,
      repetitionPenalty: imported.repetitionPenalty)
  }
}
