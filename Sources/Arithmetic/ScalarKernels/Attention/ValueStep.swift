/// Scales of V that belong to tokens: powers of 2^(1/6), each stored as a byte.
///
/// Byte n is the scale 2^(15 − n/6): steps of the weights' codes, down from what the widest range of float16 needs at
/// 2 bits. A weight times such a scale is the weight of a code that is n larger, so attention multiplies by
/// a token's scale by adding integers. Scales of one page are at most ``span`` steps apart.
public enum ValueStep {
  /// Steps of an octave; the codes of an octave in the weights' table.
  public static let perOctave = 6
  /// The most steps between the scales of a page. A token that would need a smaller scale than 2^(−127/6) of the
  /// page's largest takes that.
  public static let span = 127

  /// The scale of `steps`, a byte or the sum of a byte and ``span``.
  public static func scale(_ steps: Int) -> Float { approximateExp2(exponent(Float(steps))) }

  /// Its logarithm of base 2.
  @inlinable
  public static func exponent(_ steps: Float) -> Float { top.addingProduct(steps, perStep) }

  @inlinable public static var top: Float { 15 }
  @inlinable public static var perStep: Float { -1 / 6 }

  /// The byte of the smallest scale that covers `range` with 2^`bits` codes: within half a scale of each value lies
  /// one. 255, the least scale, where there is no range, and 0 where it is infinite.
  public static func byte(range: Float, bits: Int) -> UInt8 {
    let least = range * Float(sign: .plus, exponent: -bits, significand: 1)
    guard least > 0 else { return 255 }  // NaN too
    let pattern = least.bitPattern
    let octave = Int(pattern >> 23) - 127
    let mantissa = pattern & 0x7f_ffff
    // The first of 2^0, 2^(1/6) … 2^(5/6) and 2 that is not below the mantissa.
    let below = SIMD8<UInt32>(repeating: 0).replacing(with: 1, where: grid .< mantissa).wrappedSum()
    return UInt8(max(0, min((15 - octave) * perOctave - Int(below), 255)))
  }

  /// The mantissas of 2^(k/6), k = 0…5, and what no mantissa is above.
  private static var grid: SIMD8<UInt32> {
    [0, 0x0f_acd6, 0x21_4518, 0x35_04f3, 0x4b_2ff5, 0x64_11f0, .max, .max]
  }
}
