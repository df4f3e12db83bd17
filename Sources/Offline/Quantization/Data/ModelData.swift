import Architectures
import ImageProcessing
import Packs
import Reference
import Tokenizers
import Vocabulary

/// What a model is calibrated, studied and measured with.
package enum ModelData {
  case images(NormalizedImages)
  case text(TextChunks)

  /// The data set's name, as it goes into records.
  package var name: String {
    switch self {
    case .images(let images): images.data.name
    case .text(let text): text.name
    }
  }

  /// Images, or tokens.
  package var count: Int {
    switch self {
    case .images(let images): images.count
    case .text(let text): text.chunks.reduce(0) { $0 + $1.count }
    }
  }

  /// Calls `body` with each image, or each sequence of tokens.
  ///
  /// - Parameter report: Told about `stage` before the first and after each.
  func visit(
    _ stage: ImportProgress.Stage, _ report: ImportProgress.Handler,
    _ body: (ReferenceModel.Input) throws -> Void
  ) throws {
    report(ImportProgress(stage, 0, of: inputs))
    for index in 0..<inputs {
      switch self {
      case .images(let images): try body(.image(images.values(index)))
      case .text(let text): try body(.tokens(text.chunks[index]))
      }
      report(ImportProgress(stage, index + 1, of: inputs))
    }
  }

  /// Pictures, or sequences of tokens.
  private var inputs: Int {
    switch self {
    case .images(let images): images.count
    case .text(let text): text.chunks.count
    }
  }
}

/// Reads data for a model: images for one that classifies, a plain text for one that continues texts.
struct DataReader {
  let capability: Capability
  let labels: [String]
  let preprocessing: ImagePreprocessing?
  let tokenizer: Tokenizer?
  /// What stands in front of every text; see ``ModelPack/beginToken``.
  let begin: TokenID?

  /// How many images or tokens calibration reads at most.
  static let (calibrationImages, calibrationTokens) = (256, 16_384)

  func calibration(_ source: DataSource) throws -> ModelData {
    try open(source, images: Self.calibrationImages, tokens: Self.calibrationTokens) { min(512, $0) - 1 }
  }

  /// - Parameter limit: At most so many images or tokens; nil takes every image, or the standard 2,000 tokens.
  func evaluation(_ source: DataSource, limit: Int?) throws -> ModelData {
    try open(source, images: limit ?? .max, tokens: limit ?? TextChunks.standardLimit) {
      min(TextChunks.standardLength, $0 - 1)
    }
  }

  /// - Parameter length: Scored tokens of a chunk, from the model's context.
  private func open(
    _ source: DataSource, images: Int, tokens: Int, length: (_ context: Int) -> Int
  ) throws -> ModelData {
    switch (capability, source) {
    case (.images(let traits), .file(let path)):
      guard let preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
      let data = try ImageDataset.open(path: path, labels: labels, limit: images)
      return .images(NormalizedImages(data: data, recipe: preprocessing, size: traits.inputSize))
    case (.images, .builtIn(let text)):
      throw QuantizationError.wrongData(path: text.name, found: "text", expected: "images")
    case (.sequences(let traits), _):
      guard let tokenizer else { throw QuantizationError.noTokenizer }
      let length = length(traits.context)
      switch source {
      case .file(let path):
        return .text(
          try TextChunks.open(
            path: path, tokenizer: tokenizer, begin: begin?.index, limit: tokens, length: length))
      case .builtIn(let text):
        return .text(
          try TextChunks.cut(
            text.text, from: text.name, tokenizer: tokenizer, begin: begin?.index, limit: tokens,
            length: length))
      }
    }
  }
}
