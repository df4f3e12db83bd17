/// The byte layout of one page: the K and V codes of 64 tokens of one kv-head, and their scales.
///
/// | Section       | Bytes                    | Contents |
/// |---------------|--------------------------|----------|
/// | K codes       | `64 · channels · keyBits / 8`   | unsigned codes, lines of 16 tokens |
/// | V codes       | `64 · channels · valueBits / 8` | signed codes, lines of 16 channels |
/// | K scales      | `2 · channels`           | float16, one per channel |
/// | K offsets     | `2 · channels`           | float16 |
/// | V scales      | `2 · channels`           | float16, one per channel; or 64 ``ValueStep`` bytes, one per token |
/// | V offsets     | `2 · channels`           | float16, one per channel; or 64, one per token |
///
/// Every section starts at a multiple of 64 bytes. A line is 64 bytes: one 512-bit register. What a line
/// holds is the article Numerics of the module Kernels, "Attention pages".
public struct PageFormat: Sendable, Hashable {
  /// Tokens of a page.
  public static let tokens = 64

  /// Channels of one head in the model.
  public let headSize: Int
  /// Channels in the page: `headSize` rounded up to a multiple of 16. The added ones are zeros.
  public let channels: Int
  /// 4 or 8.
  public let keyBits: Int
  /// 4 or 8.
  public let valueBits: Int
  /// Whether V has a scale and an offset per token; per channel of the page otherwise.
  public let scalesTokens: Bool

  // Where the sections start; stored, because kernels ask for every page.
  public let keyCodes: Int
  public let valueCodes: Int
  public let keyScales: Int
  public let keyOffsets: Int
  public let valueScales: Int
  public let valueOffsets: Int
  /// Bytes of a page, a multiple of 64.
  public let byteCount: Int

  /// - Precondition: `headSize` is a positive multiple of 4, at most 512, and both widths are 4 or 8. (At 512
  ///   channels of 8 bits a logit's integer still fits a float's 24 bits.)
  public init(headSize: Int, keyBits: Int, valueBits: Int, scalesTokens: Bool = false) {
    precondition(headSize > 0 && headSize <= 512 && headSize % 4 == 0, "PageFormat: head size \(headSize)")
    precondition(keyBits == 4 || keyBits == 8, "PageFormat: \(keyBits) bits for K")
    precondition(valueBits == 4 || valueBits == 8, "PageFormat: \(valueBits) bits for V")
    self.headSize = headSize
    self.channels = (headSize + 15) & ~15
    self.keyBits = keyBits
    self.valueBits = valueBits
    self.scalesTokens = scalesTokens
    let scaleSection = (2 * channels + 63) & ~63
    keyCodes = 0
    valueCodes = Self.tokens * channels * keyBits / 8
    keyScales = valueCodes + Self.tokens * channels * valueBits / 8
    keyOffsets = keyScales + scaleSection
    valueScales = keyOffsets + scaleSection
    valueOffsets = valueScales + (scalesTokens ? Self.tokens : scaleSection)
    byteCount = valueOffsets + (scalesTokens ? 2 * Self.tokens : scaleSection)
  }

  /// The largest K code.
  public var keyLimit: Int { 1 << keyBits - 1 }
  /// The largest V code in absolute value; V codes are `-valueLimit ... valueLimit - 1`.
  public var valueLimit: Int { 1 << (valueBits - 1) }
  /// What stored V codes are too large by: narrow ones are stored unsigned.
  public var valueBias: Int { valueBits == 8 ? 0 : valueLimit }
}

/// Where a code lies: a byte of the page and the bits to shift away in front of it.
///
/// Readable and slow: for the definition, and for sealing.
extension PageFormat {
  func keyPosition(token: Int, channel: Int) -> (byte: Int, shift: Int) {
    let lane = 4 * (token % 16) + channel % 4
    if keyBits == 8 { return (keyCodes + 64 * (token / 16 * (channels / 4) + channel / 4) + lane, 0) }
    return (keyCodes + 64 * (token / 16 * (channels / 8) + channel / 8) + lane, channel % 8 < 4 ? 0 : 4)
  }

  func valuePosition(token: Int, channel: Int) -> (byte: Int, shift: Int) {
    let lane = 4 * (channel % 16) + token % 4
    if valueBits == 8 { return (valueCodes + 64 * (token / 4 * (channels / 16) + channel / 16) + lane, 0) }
    return (valueCodes + 64 * (token / 8 * (channels / 16) + channel / 16) + lane, token % 8 < 4 ? 0 : 4)
  }

  /// The K code of a token's channel, 0…``keyLimit``.
  public func keyCode(_ page: UnsafeRawPointer, token: Int, channel: Int) -> Int {
    let (byte, shift) = keyPosition(token: token, channel: channel)
    return Int(page.load(fromByteOffset: byte, as: UInt8.self) >> shift) & keyLimit
  }

  /// The V code of a token's channel; 4-bit codes are stored with a bias of 8.
  public func valueCode(_ page: UnsafeRawPointer, token: Int, channel: Int) -> Int {
    let (byte, shift) = valuePosition(token: token, channel: channel)
    if valueBits == 8 { return Int(page.load(fromByteOffset: byte, as: Int8.self)) }
    return Int(page.load(fromByteOffset: byte, as: UInt8.self) >> shift) & 15 - 8
  }

  /// Element `index` of a section of float16 scales or offsets, by the section's offset.
  public func scale(_ page: UnsafeRawPointer, section: Int, channel index: Int) -> Float {
    Float(page.load(fromByteOffset: section + 2 * index, as: Float16.self))
  }

  /// The scale of a token's V codes, where tokens have their own.
  public func tokenStep(_ page: UnsafeRawPointer, token: Int) -> Int {
    Int(page.load(fromByteOffset: valueScales + token, as: UInt8.self))
  }
}
