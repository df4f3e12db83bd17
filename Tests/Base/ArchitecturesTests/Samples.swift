import Architectures

/// A small model of each kind.
enum Samples {
  static let vision = VisionConfiguration(
    imageSize: 8, patchSize: 4, channels: 3, width: 32, layers: 2, heads: 4, hidden: 48, classes: 5,
    normEpsilon: 1e-5, queryKeyValueBias: true)

  static let decoder = DecoderConfiguration(
    width: 32, hidden: 48, layers: 2, heads: 4, keyValueHeads: 2, headSize: 8, vocabulary: 259, context: 128,
    ropeTheta: 10_000, normEpsilon: 1e-5, tiedEmbeddings: true, beginToken: 257, endTokens: [258])
}
