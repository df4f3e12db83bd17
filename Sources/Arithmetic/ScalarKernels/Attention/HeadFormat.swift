/// The byte layout of one head of one image: the K and V codes of all its tokens, and their scales.
///
/// | Section       | Bytes                             | Contents |
/// |---------------|-----------------------------------|----------|
/// | K codes       | `channels · (tokens to 16)`       | unsigned bytes, lines of 16 tokens × 4 channels |
/// | V codes       | `channels · (tokens to 4)`        | signed bytes, lines of 4 tokens × 16 channels |
/// | K scales      | `4 · channels`                    | float32, one per channel |
/// | V scales      | `4 · channels`                    | float32 |
/// | V offsets     | `4 · channels`                    | float32 |
///
/// A line is 64 bytes and every section starts at one. Codes of 4 bits are bytes too: the codes of an image live
/// for one layer and are never stored. What they mean is the article Numerics of the module Kernels, "Attention
/// within an image".
public struct HeadFormat: Sendable, Hashable {
  /// Tokens of the image.
  public let tokens: Int
  /// Channels of the head in the model.
  public let headSize: Int
  /// `headSize` rounded up to a multiple of 16.
  public let channels: Int
  /// 4 or 8.
  public let keyBits: Int
  /// 4 or 8.
  public let valueBits: Int

  /// - Precondition: `headSize` is a positive multiple of 4, at most 512, so that a score fits a float's 24 bits;
  ///   `tokens` is 1…65536, so that a weighted sum of V codes fits 32; both widths are 4 or 8.
  public init(tokens: Int, headSize: Int, keyBits: Int, valueBits: Int) {
    precondition((1...65_536).contains(tokens), "HeadFormat: \(tokens) tokens")
    precondition(headSize > 0 && headSize <= 512 && headSize % 4 == 0, "HeadFormat: head size \(headSize)")
    precondition(keyBits == 4 || keyBits == 8, "HeadFormat: \(keyBits) bits for K")
    precondition(valueBits == 4 || valueBits == 8, "HeadFormat: \(valueBits) bits for V")
    self.tokens = tokens
    self.headSize = headSize
    channels = (headSize + 15) & ~15
    self.keyBits = keyBits
    self.valueBits = valueBits
  }

  public var keyCodes: Int { 0 }
  public var valueCodes: Int { channels * ((tokens + 15) & ~15) }
  public var keyScales: Int { valueCodes + channels * ((tokens + 3) & ~3) }
  public var valueScales: Int { keyScales + 4 * channels }
  public var valueOffsets: Int { valueScales + 4 * channels }
  /// Bytes of the head, a multiple of 64.
  public var byteCount: Int { valueOffsets + 4 * channels }

  /// The largest K code.
  public var keyLimit: Int { 1 << keyBits - 1 }
  /// The largest V code before ``valueBias`` is taken off.
  public var valueLimit: Int { 1 << valueBits - 1 }
  /// V codes are `-valueBias ... valueBias - 1`.
  public var valueBias: Int { 1 << (valueBits - 1) }

  /// The byte of a token's K code.
  public func keyPosition(token: Int, channel: Int) -> Int {
    keyCodes + 64 * (token / 16 * (channels / 4) + channel / 4) + 4 * (token % 16) + channel % 4
  }

  /// The byte of a token's V code.
  public func valuePosition(token: Int, channel: Int) -> Int {
    valueCodes + 64 * (token / 4 * (channels / 16) + channel / 16) + 4 * (channel % 16) + token % 4
  }
}
