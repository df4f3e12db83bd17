/// A Vision Transformer with a linear head: an image's patches attend to each other (ViT, DeiT without distillation).
///
/// Features are data, as in ``DecoderConfiguration``.
package struct VisionConfiguration: Sendable, Equatable {
  package var family: VisionFamily
  package var imageSize: Int
  package var patchSize: Int
  package var channels: Int
  package var width: Int
  package var layers: Int
  package var heads: Int
  package var hidden: Int
  package var classes: Int
  package var norm = NormKind.layer
  package var normEpsilon: Float
  package var normPlacement = NormPlacement.before
  package var feedForward = FeedForward.gelu
  /// Whether query, key and value projections have a bias.
  package var queryKeyValueBias: Bool
  /// Whether a learned token stands before the patches.
  package var classToken = true
  package var pooling = Pooling.classToken

  package init(
    family: VisionFamily = .vit, imageSize: Int, patchSize: Int, channels: Int, width: Int, layers: Int,
    heads: Int, hidden: Int, classes: Int, normEpsilon: Float, queryKeyValueBias: Bool
  ) {
    self.family = family
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.channels = channels
    self.width = width
    self.layers = layers
    self.heads = heads
    self.hidden = hidden
    self.classes = classes
    self.normEpsilon = normEpsilon
    self.queryKeyValueBias = queryKeyValueBias
  }

  package var headSize: Int { width / heads }
  package var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
  /// Patches and the class token.
  package var tokens: Int { patches + (classToken ? 1 : 0) }
  /// Values of one image, `[channels, imageSize, imageSize]`.
  package var pixelValues: Int { channels * imageSize * imageSize }
  /// Values of one flattened patch, channel-major as in a convolution kernel `[channels, patch, patch]`.
  package var patchValues: Int { channels * patchSize * patchSize }
}
