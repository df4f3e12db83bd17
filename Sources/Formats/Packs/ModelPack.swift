import Checkpoints
import ImageProcessing
import Kernels
import Models
import TensorCore
import Tokenizers

/// An opened `.qpack`: everything about a model but the running of it.
///
/// The weights stay in the mapped file; opening costs the header and the tokenizer.
package struct ModelPack: Sendable {
  package let file: PackedModel
  package let name: String
  package let configuration: ModelConfiguration
  package let scheme: ModelScheme
  /// Class names by index; empty where the model has none.
  package let labels: [String]
  package let preprocessing: ImagePreprocessing?
  package let tokenizer: Tokenizer?
  package let generation: GenerationDefaults
  package let source: SourceRecord?
  package let recipe: RecipeRecord?
  package let quality: QualityRecord?

  /// Reads and checks the sections of `file`.
  ///
  /// - Throws: ``PackError`` where a section is missing or does not fit the others; `CheckpointError`, `ModelError` and
  ///   `TokenizerError` where one is itself wrong.
  package init(_ file: PackedModel) throws {
    self.file = file
    name = try file.section(PackSection.name, as: String.self) ?? "model"
    configuration = try Self.require(file, PackSection.configuration, as: ModelConfiguration.self)
    try configuration.validate()
    scheme = try Self.require(file, PackSection.scheme, as: ModelScheme.self)
    try scheme.validate(layers: configuration.layers)
    labels = try file.section(PackSection.labels, as: [String].self) ?? []
    preprocessing = try file.section(PackSection.preprocessing, as: ImagePreprocessing.self)
    tokenizer = try Self.tokenizer(file)
    generation = try file.section(PackSection.generation, as: GenerationDefaults.self) ?? GenerationDefaults()
    source = try file.section(PackSection.source, as: SourceRecord.self)
    recipe = try file.section(PackSection.recipe, as: RecipeRecord.self)
    quality = try file.section(PackSection.quality, as: QualityRecord.self)
    try generation.validate()
    try checkFit()
  }

  package init(path: String) throws { try self.init(PackedModel.open(path: path)) }

  /// The class name of `index`, or its number where the pack has no labels.
  package func label(_ index: Int) -> String {
    labels.indices.contains(index) ? labels[index] : "class \(index)"
  }

  /// Builds the runnable classifier.
  package func makeViT(maxBatch: Int, pool: WorkerPool) throws -> ViTModel {
    guard case .vit(let vit) = configuration else {
      throw ModelError.wrongArchitecture(found: configuration.architecture, expected: "vit")
    }
    return try ViTModel(
      configuration: vit, scheme: scheme, maxBatch: maxBatch, pool: pool, tensor: { file[$0] })
  }

  /// Builds the runnable language model.
  ///
  /// - Parameter context: Positions to allow where that is more than the model was made for: what it says there
  ///   means little, what it costs can be measured.
  package func makeLlama(limits: LlamaLimits, pool: WorkerPool, context: Int = 0) throws -> LlamaModel {
    guard case .llama(var llama) = configuration else {
      throw ModelError.wrongArchitecture(found: configuration.architecture, expected: "llama")
    }
    llama.context = max(llama.context, context)
    return try LlamaModel(
      configuration: llama, scheme: scheme, limits: limits, pool: pool, tensor: { file[$0] })
  }

  private static func require<Section: Decodable>(
    _ file: PackedModel, _ name: String, as type: Section.Type
  ) throws -> Section {
    guard let section = try file.section(name, as: type) else { throw PackError.missingSection(name) }
    return section
  }

  private static func tokenizer(_ file: PackedModel) throws -> Tokenizer? {
    guard let header = try file.section(PackSection.tokenizer, as: TokenizerHeader.self) else { return nil }
    return try Tokenizer(TokenizerModel(header: header, tensor: { file[$0] }))
  }

  /// Checks that the sections describe one model.
  private func checkFit() throws {
    switch configuration {
    case .vit(let vit):
      guard let preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
      guard labels.isEmpty || labels.count == vit.classes else {
        throw PackError.sizesDiffer("labels", labels.count, "classes", vit.classes)
      }
      try preprocessing.validate()
      if let size = preprocessing.fixedOutputSize, size != vit.inputSize {
        throw PackError.imageSize(found: size.description, expected: vit.imageSize)
      }
    case .llama(let llama):
      guard let tokenizer else { throw PackError.missingSection(PackSection.tokenizer) }
      guard tokenizer.vocabularySize <= llama.vocabulary else {
        throw PackError.sizesDiffer(
          "tokenizer pieces", tokenizer.vocabularySize, "vocabulary", llama.vocabulary)
      }
    }
  }
}

extension ViTConfiguration {
  /// The pixels that the model takes.
  package var inputSize: ImageSize { ImageSize(height: imageSize, width: imageSize) }
}

extension ImagePreprocessing {
  /// The size of every image that the recipe makes; nil where it depends on the image.
  package var fixedOutputSize: ImageSize? {
    if let crop { return crop }
    guard case .exact(let height, let width) = resize else { return nil }
    return ImageSize(height: height, width: width)
  }
}

/// Why a well-formed file is not a usable pack.
package enum PackError: Error, Equatable, CustomStringConvertible {
  case missingSection(String)
  case sizesDiffer(String, Int, String, Int)
  case imageSize(found: String, expected: Int)
  case generationDefault(field: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .missingSection(let name):
      "The pack has no section '\(name)'. It was written by another program or cut short; import the model again."
    case .sizesDiffer(let a, let countA, let b, let countB):
      "The pack has \(countA) \(a), but \(countB) \(b). Its parts come from different models; import the model again."
    case .imageSize(let found, let expected):
      "Preprocessing makes images \(found), but the model takes \(expected)×\(expected). Import the model again."
    case .generationDefault(let field, let found, let expected):
      "The pack's default for \(field) is \(found), expected \(expected). Mend generation_config.json and import again."
    }
  }
}
