extension NormalizedText {
  /// Without control characters; white space is a space.
  func cleansed() -> NormalizedText {
    var result = NormalizedText(like: self)
    forEachScalar { value, range in
      let traits = ScalarTraits(value)
      let isLine = value == 9 || value == 10 || value == 13
      if value == 0 || value == 0xfffd || !isLine && Unicode8Category(value, traits).isOther { return }
      result.append(traits.isSpace || isLine ? 32 : value, for: range, of: self)
    }
    return result
  }

  /// With a space on both sides of each ideograph.
  func separatingIdeographs() -> NormalizedText {
    var result = NormalizedText(like: self)
    forEachScalar { value, range in
      guard Self.ideographs.contains(where: { $0.contains(value) }) else {
        return result.copy(range, of: self)
      }
      result.append(32, for: range, of: self)
      result.copy(range, of: self)
      result.append(32, for: range, of: self)
    }
    return result
  }

  /// As `tokenizers` has them, 2B920 for 2B820 included.
  private static let ideographs: [ClosedRange<UInt32>] = [
    0x4e00...0x9fff, 0x3400...0x4dbf, 0x20000...0x2a6df, 0x2a700...0x2b73f, 0x2b740...0x2b81f,
    0x2b920...0x2ceaf, 0xf900...0xfaff, 0x2f800...0x2fa1f,
  ]
}
