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
  /// Whether codes may have so many bits: 2, 3, 4, 5 or 8.
  public static func hasWidth(_ bits: Int) -> Bool { (2...5).contains(bits) || bits == 8 }

  /// Channels of one head in the model.
  public let headSize: Int
  /// Channels in the page: `headSize` rounded up to a multiple of 16. The added ones are zeros.
  public let channels: Int
  /// 2, 3, 4, 5 or 8.
  public let keyBits: Int
  /// 2, 3, 4, 5 or 8.
  public let valueBits: Int
  /// Whether V has a scale and an offset per token; per channel of the page otherwise.
  public let scalesTokens: Bool

  // Where the sections start; stored, because kernels ask for every page.
  public let keyCodes: Int
  /// The highest bits of K's codes of 3 and 5 bits; the others lie as codes of 2 and 4.
  public let keyPlane: Int
  public let valueCodes: Int
  public let valuePlane: Int
  public let keyScales: Int
  public let keyOffsets: Int
  public let valueScales: Int
  public let valueOffsets: Int
  /// Bytes of a page, a multiple of 64.
  public let byteCount: Int

  /// - Precondition: `headSize` is a positive multiple of 4, at most 512, and both widths are ones that it has. (At 512
  ///   channels of 8 bits a logit's integer still fits a float's 24 bits.)
  public init(headSize: Int, keyBits: Int, valueBits: Int, scalesTokens: Bool = false) {
    precondition(headSize > 0 && headSize <= 512 && headSize % 4 == 0, "PageFormat: head size \(headSize)")
    precondition(Self.hasWidth(keyBits), "PageFormat: \(keyBits) bits for K")
    precondition(Self.hasWidth(valueBits), "PageFormat: \(valueBits) bits for V")
    self.headSize = headSize
    self.channels = (headSize + 15) & ~15
    self.keyBits = keyBits
    self.valueBits = valueBits
    self.scalesTokens = scalesTokens
    let scaleSection = (2 * channels + 63) & ~63
    keyCodes = 0
    keyPlane = Self.tokens * channels * Self.lineBits(keyBits) / 8
    // 32 channels share a line of the plane.
    valueCodes = keyPlane + (keyBits % 2 == 1 ? 4 * 64 * ((channels + 31) / 32) : 0)
    valuePlane = valueCodes + Self.tokens * channels * Self.lineBits(valueBits) / 8
    keyScales = valuePlane + (valueBits % 2 == 1 ? Self.tokens * channels / 8 : 0)
    keyOffsets = keyScales + scaleSection
    valueScales = keyOffsets + scaleSection
    valueOffsets = valueScales + (scalesTokens ? Self.tokens : scaleSection)
    byteCount = valueOffsets + (scalesTokens ? 2 * Self.tokens : scaleSection)
  }

  /// The largest K code.
  public var keyLimit: Int { 1 << keyBits - 1 }
  /// The largest V code in absolute value; V codes are `-valueLimit ... valueLimit - 1`.
  @inlinable @inline(__always)
  public var valueLimit: Int { 1 << (valueBits - 1) }
  /// Bits of a code that lie together in the lines: all, or all but the highest of an odd number.
  @inlinable @inline(__always)
  public static func lineBits(_ bits: Int) -> Int { bits & ~1 }
  @inlinable @inline(__always)
  public var keyLineBits: Int { Self.lineBits(keyBits) }
  @inlinable @inline(__always)
  public var valueLineBits: Int { Self.lineBits(valueBits) }
  /// Whether the highest bits lie in a plane of their own.
  @inlinable @inline(__always)
  public var hasKeyPlane: Bool { keyBits % 2 == 1 }
  @inlinable @inline(__always)
  public var hasValuePlane: Bool { valueBits % 2 == 1 }
  /// What stored V codes are too large by: narrow ones are stored unsigned.
  @inlinable @inline(__always)
  public var valueBias: Int { valueBits == 8 ? 0 : valueLimit }
}

extension PageFormat {
  /// Element `index` of a section of float16 scales or offsets, by the section's offset.
  public func scale(_ page: UnsafeRawPointer, section: Int, channel index: Int) -> Float {
    Float(page.load(fromByteOffset: section + 2 * index, as: Float16.self))
  }

  /// The scale of a token's V codes, where tokens have their own.
  public func tokenStep(_ page: UnsafeRawPointer, token: Int) -> Int {
    Int(page.load(fromByteOffset: valueScales + token, as: UInt8.self))
  }
}
