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
  func visit(_ body: (ReferenceModel.Input) throws -> Void) throws {
    switch self {
    case .images(let images):
      for index in 0..<images.count { try body(.image(images.values(index))) }
    case .text(let text): for chunk in text.chunks { try body(.tokens(chunk)) }
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
  static let (calibrationImages, calibrationTokens) = (256, 8_192)

  func calibration(_ path: String) throws -> ModelData {
    try open(path, images: Self.calibrationImages, tokens: Self.calibrationTokens) { min(512, $0) - 1 }
  }

  /// - Parameter limit: At most so many images or tokens; nil takes every image, or the standard 2,000 tokens.
  func evaluation(_ path: String, limit: Int?) throws -> ModelData {
    try open(path, images: limit ?? .max, tokens: limit ?? TextChunks.standardLimit) {
      min(TextChunks.standardLength, $0 - 1)
    }
  }

  /// - Parameter length: Scored tokens of a chunk, from the model's context.
  private func open(
    _ path: String, images: Int, tokens: Int, length: (_ context: Int) -> Int
  ) throws -> ModelData {
    switch capability {
    case .images(let traits):
      guard let preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
      let data = try ImageDataset.open(path: path, labels: labels, limit: images)
      return .images(NormalizedImages(data: data, recipe: preprocessing, size: traits.inputSize))
    case .sequences(let traits):
      guard let tokenizer else { throw QuantizationError.noTokenizer }
      return .text(
        try TextChunks.open(
          path: path, tokenizer: tokenizer, begin: begin?.index, limit: tokens,
          length: length(traits.context)))
    }
  }
}
