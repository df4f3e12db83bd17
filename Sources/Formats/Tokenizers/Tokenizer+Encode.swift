import Vocabulary

extension Tokenizer {
  /// Splits text at added tokens as they are written, then at those that are looked for in normalized text; encodes what
  /// is between them.
  func encode(_ text: UnsafeBufferPointer<UInt8>, _ authority: Authority, into ids: inout [TokenID]) {
    var encoder = WordEncoder(self)
    split(text, at: writtenTokens, authority, into: &ids) { segment, ids in
      let part = UnsafeBufferPointer(rebasing: text[segment])
      encodeSegment(part, segment, authority, with: &encoder, into: &ids)
    }
  }

  private func encodeSegment(
    _ segment: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ authority: Authority,
    with encoder: inout WordEncoder, into ids: inout [TokenID]
  ) {
    let isFirst = range.lowerBound == 0
    if normalizer.leavesAlone(segment), normalizedTokens.isEmpty {
      return encodeText(segment, isStart: isFirst, with: &encoder, into: &ids)
    }
    let normalized = normalizer.normalize(segment, trusted: trusted(range, authority))
    normalized.bytes.withUnsafeBufferPointer { text in
      let inner = normalized.trusted.map(Authority.mask) ?? (authority.isEverybody ? .everybody : .nobody)
      split(text, at: normalizedTokens, inner, into: &ids) { part, ids in
        encodeText(
          UnsafeBufferPointer(rebasing: text[part]), isStart: isFirst && part.lowerBound == 0,
          with: &encoder, into: &ids)
      }
    }
  }

  /// Which bytes of a segment the template wrote, where that matters behind normalization.
  private func trusted(_ range: Range<Int>, _ authority: Authority) -> [Bool]? {
    guard case .template(let prompt) = authority, !normalizedTokens.isEmpty else { return nil }
    var trusted = [Bool](repeating: false, count: range.count)
    for template in prompt.templateRanges where template.overlaps(range) {
      for index in template.clamped(to: range) { trusted[index - range.lowerBound] = true }
    }
    return trusted
  }

  /// Appends the added tokens that `finder` finds; hands what lies between them to `body`.
  private func split(
    _ text: UnsafeBufferPointer<UInt8>, at finder: AddedTokenFinder, _ authority: Authority,
    into ids: inout [TokenID], _ body: (Range<Int>, inout [TokenID]) -> Void
  ) {
    guard !finder.isEmpty else {
      if !text.isEmpty { body(0..<text.count, &ids) }
      return
    }
    var (start, taken) = (0, 0)
    while let match = finder.next(in: text, from: &start, taken: taken, authority) {
      if taken < match.range.lowerBound { body(taken..<match.range.lowerBound, &ids) }
      ids.append(TokenID(match.id))
      taken = max(taken, match.range.upperBound)
    }
    if taken < text.count { body(taken..<text.count, &ids) }
  }

  private func encodeText(
    _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, with encoder: inout WordEncoder,
    into ids: inout [TokenID]
  ) {
    splitter.forEachWord(in: text, isStart: isStart) { encoder.encode($0, into: &ids) }
  }
}
