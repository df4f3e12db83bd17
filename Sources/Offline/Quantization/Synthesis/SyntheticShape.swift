import Architectures

/// The shapes of models that people run, for packs whose weights are random: speed depends on shapes alone.
package enum SyntheticShape: String, Sendable, CaseIterable {
  case deitTiny = "deit-tiny"
  case deitSmall = "deit-small"
  case vitBase = "vit-base"
  case stories15M = "stories15m"
  case smolLM135M = "smollm-135m"
  case llama1B = "llama-3.2-1b"

  package var configuration: ModelConfiguration {
    switch self {
    case .deitTiny: Self.vit(width: 192, heads: 3)
    case .deitSmall: Self.vit(width: 384, heads: 6)
    case .vitBase: Self.vit(width: 768, heads: 12)
    case .stories15M: .decoder(Self.stories15MConfiguration)
    case .smolLM135M: .decoder(Self.smolLM135MConfiguration)
    case .llama1B: .decoder(Self.llama1BConfiguration)
    }
  }

  /// The ViT family differs in width alone: 12 layers, heads of 64, 224 × 224 pixels in patches of 16.
  private static func vit(width: Int, heads: Int) -> ModelConfiguration {
    .vision(
      VisionConfiguration(
        imageSize: 224, patchSize: 16, channels: 3, width: width, layers: 12, heads: heads, hidden: 4 * width,
        classes: 1_000, normEpsilon: 1e-6, queryKeyValueBias: true))
  }

  private static var stories15MConfiguration: DecoderConfiguration {
    DecoderConfiguration(
      width: 288, hidden: 768, layers: 6, heads: 6, keyValueHeads: 6, headSize: 48, vocabulary: 32_000,
      context: 2_048, ropeTheta: 1e4, normEpsilon: 1e-5, tiedEmbeddings: true,
      beginToken: ByteTokenizer.begin,
      endTokens: [ByteTokenizer.end])
  }

  private static var smolLM135MConfiguration: DecoderConfiguration {
    DecoderConfiguration(
      width: 576, hidden: 1_536, layers: 30, heads: 9, keyValueHeads: 3, headSize: 64, vocabulary: 49_152,
      context: 8_192, ropeTheta: 1e5, normEpsilon: 1e-5, tiedEmbeddings: true,
      beginToken: ByteTokenizer.begin,
      endTokens: [ByteTokenizer.end])
  }

  private static var llama1BConfiguration: DecoderConfiguration {
    DecoderConfiguration(
      width: 2_048, hidden: 8_192, layers: 16, heads: 32, keyValueHeads: 8, headSize: 64, vocabulary: 128_256,
      context: 131_072, ropeTheta: 5e5,
      ropeScaling: .llama3(
        .init(factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8_192)),
      normEpsilon: 1e-5, tiedEmbeddings: true, beginToken: ByteTokenizer.begin,
      endTokens: [ByteTokenizer.end])
  }
}
