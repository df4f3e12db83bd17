import Architectures
import Checkpoints
import ImageProcessing
import TensorCore
import Tokenizers
import Vocabulary

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
  /// - Throws: ``PackError`` where a section is missing or does not fit the others; `ArchitectureError` and `TokenizerError`
  ///   where one is itself wrong.
  package init(_ file: PackedModel) throws {
    self.file = file
    name = try file.section(PackSection.name, as: String.self) ?? "model"
    configuration = try Self.require(file, PackSection.configuration, as: ModelConfiguration.self)
    try configuration.validate()
    var scheme = try Self.require(file, PackSection.scheme, as: ModelScheme.self)
    if file.format == FormatOne.version {
      scheme.weights = FormatOne.weights(configuration.tensorTable) { file[$0] != nil }
    }
    try scheme.validate(for: configuration)
    self.scheme = scheme
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

  /// What stands in front of every text; nil where the model's texts begin with their own first token.
  ///
  /// Serving, tokenizing, calibrating and measuring all ask here, so that they see the same tokens.
  package var beginToken: TokenID? {
    ModelPack.beginToken(configuration, tokenizer?.model.header)
  }

  package static func beginToken(_ configuration: ModelConfiguration, _ tokenizer: TokenizerHeader?)
    -> TokenID?
  {
    guard let tokenizer, tokenizer.addsBeginToken else { return nil }
    return configuration.sequences?.beginToken.map { TokenID(Int32($0)) }
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
    switch configuration.capability {
    case .images(let images):
      guard let preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
      guard labels.isEmpty || labels.count == images.classes else {
        throw PackError.sizesDiffer("labels", labels.count, "classes", images.classes)
      }
      try preprocessing.validate()
      if let size = preprocessing.fixedOutputSize, size != images.inputSize {
        throw PackError.imageSize(found: size.description, expected: images.imageSize)
      }
    case .sequences(let sequences):
      guard let tokenizer else { throw PackError.missingSection(PackSection.tokenizer) }
      guard tokenizer.vocabularySize <= sequences.vocabulary else {
        throw PackError.sizesDiffer(
          "tokenizer pieces", tokenizer.vocabularySize, "vocabulary", sequences.vocabulary)
      }
    }
  }
}

extension ImageTraits {
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
