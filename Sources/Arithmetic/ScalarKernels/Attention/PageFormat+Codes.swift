/// Where a code lies. Readable and slow: for the definition.
extension PageFormat {
  /// Some bits of a code: a byte of the page and the bits to shift away in front of them.
  struct Place {
    let byte: Int
    let shift: Int
  }

  /// Where codes of `bits` bits of K lie from `section` on: four channels of 16 tokens a line and bit field.
  private func keyPlace(_ section: Int, bits: Int, token: Int, channel: Int) -> Place {
    withFields(bits) { fields in
      let linesPerBlock = (channels + 4 * fields - 1) / (4 * fields)
      let line = token / 16 * linesPerBlock + channel / (4 * fields)
      let lane = 4 * (token % 16) + channel % 4
      return Place(byte: section + 64 * line + lane, shift: bits * (channel / 4 % fields))
    }
  }

  /// The same for V: four tokens of 16 channels a line and bit field.
  private func valuePlace(_ section: Int, bits: Int, token: Int, channel: Int) -> Place {
    withFields(bits) { fields in
      let line = token / (4 * fields) * (channels / 16) + channel / 16
      let lane = 4 * (channel % 16) + token % 4
      return Place(byte: section + 64 * line + lane, shift: bits * (token / 4 % fields))
    }
  }

  /// The bits in the lines, and the highest one of an odd number.
  func keyPlaces(token: Int, channel: Int) -> (low: Place, high: Place?) {
    let low = keyPlace(keyCodes, bits: keyLineBits, token: token, channel: channel)
    guard keyBits != keyLineBits else { return (low, nil) }
    return (low, keyPlace(keyPlane, bits: 1, token: token, channel: channel))
  }

  func valuePlaces(token: Int, channel: Int) -> (low: Place, high: Place?) {
    let low = valuePlace(valueCodes, bits: valueLineBits, token: token, channel: channel)
    guard valueBits != valueLineBits else { return (low, nil) }
    return (low, valuePlace(valuePlane, bits: 1, token: token, channel: channel))
  }

  /// The K code of a token's channel, 0…``keyLimit``.
  public func keyCode(_ page: UnsafeRawPointer, token: Int, channel: Int) -> Int {
    code(page, keyPlaces(token: token, channel: channel), lineBits: keyLineBits)
  }

  /// The V code of a token's channel, of which stored ones are ``valueBias`` too large.
  public func valueCode(_ page: UnsafeRawPointer, token: Int, channel: Int) -> Int {
    let stored = code(page, valuePlaces(token: token, channel: channel), lineBits: valueLineBits)
    return valueBits == 8 ? Int(Int8(truncatingIfNeeded: stored)) : stored - valueBias
  }

  private func code(_ page: UnsafeRawPointer, _ places: (low: Place, high: Place?), lineBits: Int) -> Int {
    func bits(_ place: Place) -> Int {
      Int(page.load(fromByteOffset: place.byte, as: UInt8.self) >> place.shift)
    }
    let low = bits(places.low) & (1 << lineBits - 1)
    return places.high.map { low | (bits($0) & 1) << lineBits } ?? low
  }
}

/// Calls `body` with the number of fields of `bits` bits in a byte, as a constant: a code is found without a division.
@inline(__always)
private func withFields(_ bits: Int, _ body: (Int) -> PageFormat.Place) -> PageFormat.Place {
  switch bits {
  case 8: body(1)
  case 4: body(2)
  case 2: body(4)
  default: body(8)
  }
}
