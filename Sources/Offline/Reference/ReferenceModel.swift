import Architectures
import Kernels
import TensorCore

/// The float32 model that a pack is calibrated with and measured against, by what it can do.
package enum ReferenceModel {
  case images(FloatViT)
  case sequences(FloatDecoder)

  /// - Parameter tensor: The checkpoint's tensors by their canonical names.
  package init(
    _ configuration: ModelConfiguration, pool: WorkerPool, tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    switch configuration {
    case .vision(let vision): self = .images(try FloatViT(vision, pool: pool, tensor: tensor))
    case .decoder(let decoder): self = .sequences(try FloatDecoder(decoder, pool: pool, tensor: tensor))
    }
  }

  package var configuration: ModelConfiguration {
    switch self {
    case .images(let model): .vision(model.configuration)
    case .sequences(let model): .decoder(model.configuration)
    }
  }

  /// Transformer layers.
  package var layers: Int { configuration.layers }

  /// What one forward pass reads.
  package enum Input {
    /// A normalized image, `[channels, imageSize, imageSize]`.
    case image([Float])
    case tokens([Int])
  }

  /// Logits: one row of classes for an image, a row of the vocabulary for each token.
  ///
  /// - Precondition: The input is one that the model reads.
  package func logits(_ input: Input, hooks: ReferenceHooks = ReferenceHooks()) -> FloatTensor {
    switch (self, input) {
    case (.images(let model), .image(let image)):
      let logits = model.logits(image, hooks: hooks)
      return FloatTensor(shape: [1, logits.count], values: logits)
    case (.sequences(let model), .tokens(let tokens)): return model.logits(tokens, hooks: hooks)
    case (.images, .tokens), (.sequences, .image):
      preconditionFailure("ReferenceModel: images for a model of tokens, or the other way round")
    }
  }
}
