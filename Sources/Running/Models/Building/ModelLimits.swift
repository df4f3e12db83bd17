import Architectures

/// How much one model computes at once and remembers; the tokens of a step are the engine's.
package struct ModelLimits: Sendable {
  /// Images of one step.
  package var imageBatch: Int
  /// Sequences that run at the same time.
  package var sequences: Int
  /// Bytes of key–value cache; a longer request than fits is refused.
  package var cacheBytes: Int

  package init(imageBatch: Int, sequences: Int, cacheBytes: Int) {
    self.imageBatch = imageBatch
    self.sequences = sequences
    self.cacheBytes = cacheBytes
  }

  /// The fewest blocks a cache has: 1,024 tokens, or the whole context where that is less.
  private static let leastBlocks = 16

  /// Cache blocks: what the bytes allow, but enough for one useful sequence and at most every sequence's full context.
  func blocks(_ c: DecoderConfiguration, _ scheme: ModelScheme) -> Int {
    let perContext = (c.context + 63) / 64
    let affordable = cacheBytes / max(1, DecoderModel.cacheBytesPerBlock(c, scheme))
    return max(min(Self.leastBlocks, perContext), min(affordable, perContext * sequences))
  }
}
