import Vocabulary

/// Packs written before steps were data name a rule for words and one for the space in front instead; they are read as the
/// steps that those rules mean. What is empty is not written.
extension TokenizerHeader: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, normalizer, splits, decoder, addedTokens, addedFrom, prefix, suffix, addsBeginToken,
      fusesUnknown
    case prefersWholeWords, continuingPrefix, wordSuffix, longestWord, unknown, unknownText, begin, end,
      labels
    case wordSplit, leadingSpace
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try fields.decode(TokenizerModel.Kind.self, forKey: .kind),
      wordSplit: try fields.decodeIfPresent(TokenizerModel.WordSplit.self, forKey: .wordSplit) ?? .none,
      leadingSpace: try fields.decodeIfPresent(TokenizerModel.LeadingSpace.self, forKey: .leadingSpace)
        ?? .never,
      addsBeginToken: try fields.decode(Bool.self, forKey: .addsBeginToken),
      fusesUnknown: try fields.decode(Bool.self, forKey: .fusesUnknown),
      prefersWholeWords: try fields.decode(Bool.self, forKey: .prefersWholeWords),
      unknown: try fields.decodeIfPresent(TokenID.self, forKey: .unknown),
      begin: try fields.decodeIfPresent(TokenID.self, forKey: .begin),
      end: try fields.decodeIfPresent(TokenID.self, forKey: .end))
    if !fields.contains(.wordSplit) { try readSteps(fields) }
  }

  private mutating func readSteps(_ fields: KeyedDecodingContainer<CodingKeys>) throws {
    func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try fields.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    (normalizer, splits, decoder) = ([], [], [])
    try read(&normalizer, .normalizer)
    try read(&splits, .splits)
    try read(&decoder, .decoder)
    try read(&addedTokens, .addedTokens)
    addedFrom = try fields.decodeIfPresent(Int.self, forKey: .addedFrom)
    try read(&prefix, .prefix)
    try read(&suffix, .suffix)
    try read(&continuingPrefix, .continuingPrefix)
    try read(&wordSuffix, .wordSuffix)
    try read(&longestWord, .longestWord)
    try read(&unknownText, .unknownText)
    try read(&labels, .labels)
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    func write<Value: Collection & Encodable>(_ value: Value, _ key: CodingKeys) throws {
      if !value.isEmpty { try fields.encode(value, forKey: key) }
    }
    try fields.encode(kind, forKey: .kind)
    try write(normalizer, .normalizer)
    try write(splits, .splits)
    try write(self.decoder, .decoder)
    try write(addedTokens, .addedTokens)
    try fields.encodeIfPresent(addedFrom, forKey: .addedFrom)
    try write(prefix, .prefix)
    try write(suffix, .suffix)
    try fields.encode(addsBeginToken, forKey: .addsBeginToken)
    try fields.encode(fusesUnknown, forKey: .fusesUnknown)
    try fields.encode(prefersWholeWords, forKey: .prefersWholeWords)
    try write(continuingPrefix, .continuingPrefix)
    try write(wordSuffix, .wordSuffix)
    if kind == .wordPiece { try fields.encode(longestWord, forKey: .longestWord) }
    try fields.encodeIfPresent(unknown, forKey: .unknown)
    try fields.encode(unknownText, forKey: .unknownText)
    try fields.encodeIfPresent(begin, forKey: .begin)
    try fields.encodeIfPresent(end, forKey: .end)
    try write(labels, .labels)
  }
}
