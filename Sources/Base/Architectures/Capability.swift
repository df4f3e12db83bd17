/// What a model can be asked for, with the facts that a caller needs before it asks.
package enum Capability: Sendable, Equatable {
  /// Tokens in, logits of the next token out.
  case sequences(SequenceTraits)
  /// Images in, logits of classes out.
  case images(ImageTraits)

  /// Millions of multiplications of one token with weights, at least 1. How the weights are stored does not count.
  package var megaMultiplicationsPerToken: Int {
    // Operations are multiplications and as many additions.
    let operations =
      switch self {
      case .sequences(let traits): traits.operations.linear + traits.operations.head
      case .images(let traits): traits.operations / Double(traits.tokens)
      }
    return max(1, Int(operations / 2e6))
  }
}

/// What a caller needs to know of a model that continues sequences.
package struct SequenceTraits: Sendable, Equatable {
  /// The size of the vocabulary: each token has so many logits, and token ids are smaller than it.
  package let vocabulary: Int
  /// The most tokens of a sequence.
  package let context: Int
  /// Values of a hidden state.
  package let width: Int
  /// The token that stands before every prompt; nil where the model has none.
  package let beginToken: Int?
  /// Each of these tokens ends an answer.
  package let endTokens: [Int]
  package let operations: Operations

  /// Multiplications and additions of one token.
  package struct Operations: Sendable, Equatable {
    /// In the linear layers.
    package let linear: Double
    /// In attention, for each token that it sees.
    package let visibleToken: Double
    /// For its logits.
    package let head: Double
  }
}

/// What a caller needs to know of a model that reads images.
package struct ImageTraits: Sendable, Equatable {
  /// Pixels along a side.
  package let imageSize: Int
  package let channels: Int
  package let classes: Int
  /// Values of an embedding.
  package let width: Int
  /// Tokens that one image becomes: patches, and the class token where there is one.
  package let tokens: Int
  /// Multiplications and additions of one image.
  package let operations: Double

  /// Values of one image, `[channels, imageSize, imageSize]`.
  package var pixelValues: Int { channels * imageSize * imageSize }
}

extension DecoderConfiguration {
  package var traits: SequenceTraits {
    SequenceTraits(
      vocabulary: vocabulary, context: context, width: width, beginToken: beginToken, endTokens: endTokens,
      operations: operations)
  }

  private var operations: SequenceTraits.Operations {
    let weights = width * queryKeyValueWidth + queryWidth * width + 3 * width * hidden
    return SequenceTraits.Operations(
      linear: 2 * Double(layers) * Double(weights), visibleToken: 4 * Double(layers) * Double(queryWidth),
      head: 2 * Double(width) * Double(vocabulary))
  }
}

extension VisionConfiguration {
  package var traits: ImageTraits {
    ImageTraits(
      imageSize: imageSize, channels: channels, classes: classes, width: width, tokens: tokens,
      operations: operations)
  }

  /// The last layer needs keys and values of all tokens and everything else of the class token alone, and no more is
  /// counted.
  private var operations: Double {
    let (t, w) = (Double(tokens), Double(width))
    let joined = t * 3 * w * w
    let restOfToken = 2 * t * w + w * w + 2 * w * Double(hidden)
    let ends = Double(patches * patchValues) * w + Double(classes) * w
    return 2 * (Double(layers) * joined + (Double(layers - 1) * t + 1) * restOfToken + ends)
  }
}

extension ModelConfiguration {
  package var capability: Capability {
    switch self {
    case .decoder(let decoder): .sequences(decoder.traits)
    case .vision(let vision): .images(vision.traits)
    }
  }

  /// The traits of a model for sequences; nil for one that is asked for something else.
  package var sequences: SequenceTraits? {
    if case .sequences(let traits) = capability { traits } else { nil }
  }

  /// The traits of a model for images; nil for one that is asked for something else.
  package var images: ImageTraits? {
    if case .images(let traits) = capability { traits } else { nil }
  }

  /// The most tokens of a sequence; nil for a model that has none.
  package var contextTokens: Int? { sequences?.context }

  /// Whether keys and values of earlier tokens are kept, and so read from memory for each new one.
  package var keepsKeysAndValues: Bool { sequences != nil }
}
