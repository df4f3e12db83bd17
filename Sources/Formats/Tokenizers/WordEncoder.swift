import Vocabulary

/// Turns one word after another into tokens; keeps the memory that this takes.
struct WordEncoder {
  private let tokenizer: Tokenizer
  private var merger = PairMerger()
  private var scratch: [UInt8] = []
  private let header: TokenizerHeader
  /// How a word begins.
  private let nothingUnknown: PendingUnknown

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    header = tokenizer.model.header
    nothingUnknown = PendingUnknown(header)
  }

  mutating func encode(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
    guard !word.isEmpty else { return }
    switch header.kind {
    case .byteLevelBPE:
      if header.prefersWholeWords, appendWhole(word, to: &ids) { return }
      encodeBytes(word, into: &ids)
    case .spmBPE:
      if header.prefersWholeWords, appendWhole(word, to: &ids) { return }
      encodeScalars(word, into: &ids)
    case .wordPiece:
      if let unknown = header.unknown, tokenizer.wordPiece?.encode(word, into: &ids) == false {
        ids.append(unknown)
      }
    case .unigram: encodeUnigram(word, into: &ids)
    }
  }

  /// Characters that no piece covers become their bytes or, however many there are in a row, one unknown token.
  private func encodeUnigram(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
    guard let model = tokenizer.unigram else { return }
    var uncovered: Range<Int>?
    for piece in model.pieces(of: word) {
      if piece.id < 0 {
        uncovered = (uncovered?.lowerBound ?? piece.range.lowerBound)..<piece.range.upperBound
        continue
      }
      appendUncovered(uncovered.map { word[$0] }, to: &ids)
      uncovered = nil
      ids.append(TokenID(piece.id))
    }
    appendUncovered(uncovered.map { word[$0] }, to: &ids)
  }

  private func appendUncovered(_ bytes: Slice<UnsafeBufferPointer<UInt8>>?, to ids: inout [TokenID]) {
    guard let bytes else { return }
    if bytes.allSatisfy({ tokenizer.byteTokens[Int($0)] >= 0 }) {
      for byte in bytes { ids.append(TokenID(tokenizer.byteTokens[Int(byte)])) }
    } else if let unknown = header.unknown {
      ids.append(unknown)
    }
  }

  private func appendWhole(_ word: UnsafeBufferPointer<UInt8>, to ids: inout [TokenID]) -> Bool {
    guard let id = tokenizer.pieces.find(word, in: tokenizer.model) else { return false }
    ids.append(TokenID(id))
    return true
  }

  private mutating func encodeBytes(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
    guard tokenizer.hasAllBytes else { return encodeKnownBytes(word, into: &ids) }
    for byte in word { merger.append(tokenizer.byteTokens[Int(byte)]) }
    merger.finish(with: tokenizer.merges, into: &ids)
  }

  /// The same where some bytes have no token.
  private mutating func encodeKnownBytes(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
    var unknown = nothingUnknown
    for byte in word {
      let id = tokenizer.byteTokens[Int(byte)]
      if id >= 0 {
        unknown.flush(into: &merger)
        merger.append(id)
      } else {
        unknown.add(into: &merger)
      }
    }
    unknown.flush(into: &merger)
    merger.finish(with: tokenizer.merges, into: &ids)
  }

  private mutating func encodeScalars(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) {
    var start = 0
    while start < word.count {
      let end = tokenizer.wordsAreIndependent ? metaspaceWordEnd(in: word, from: start) : word.count
      appendScalars(word, start..<end)
      merger.finish(with: tokenizer.merges, into: &ids)
      start = end
    }
  }

  private mutating func appendScalars(_ word: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    let isAffixed = !header.continuingPrefix.isEmpty || !header.wordSuffix.isEmpty
    var unknown = nothingUnknown
    var index = range.lowerBound
    while index < range.upperBound {
      let (value, length) = decodeScalar(word, at: index)
      let bytes = index..<index + length
      index += length
      let id = isAffixed ? affixedToken(word, bytes) : tokenizer.scalarTokens[value]
      if let id {
        unknown.flush(into: &merger)
        merger.append(id)
      } else if bytes.allSatisfy({ tokenizer.byteTokens[Int(word[$0])] >= 0 }) {
        // What is unknown before them stands behind them, as `tokenizers` has it.
        for byte in bytes { merger.append(tokenizer.byteTokens[Int(word[byte])]) }
      } else {
        unknown.add(into: &merger)
      }
    }
    unknown.flush(into: &merger)
  }

  /// The token of a character with what the vocabulary writes before or behind it at its place in the word.
  private mutating func affixedToken(
    _ word: UnsafeBufferPointer<UInt8>, _ bytes: Range<Int>
  ) -> Int32? {
    scratch.removeAll(keepingCapacity: true)
    if bytes.lowerBound > 0 { scratch += header.continuingPrefix.utf8 }
    scratch += word[bytes]
    if bytes.upperBound == word.count { scratch += header.wordSuffix.utf8 }
    return scratch.withUnsafeBufferPointer { tokenizer.pieces.find($0, in: tokenizer.model) }
  }
}

/// Characters without a token: each becomes the unknown token, or a run of them one.
struct PendingUnknown {
  private let id: TokenID?
  private let fuses: Bool
  private var isPending = false

  init(_ header: TokenizerHeader) { (id, fuses) = (header.unknown, header.fusesUnknown) }

  mutating func add(into merger: inout PairMerger) {
    if isPending, !fuses, let id { merger.append(id.rawValue) }
    isPending = true
  }

  mutating func flush(into merger: inout PairMerger) {
    if isPending, let id { merger.append(id.rawValue) }
    isPending = false
  }
}

/// The end of a run of ▁ and the characters up to the next ▁; always past `start`.
func metaspaceWordEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  var end = start
  while text[end...].starts(with: metaspace) { end += metaspace.count }
  while end < text.count, text[end] != metaspace[0] || !text[end...].starts(with: metaspace) { end += 1 }
  return end
}

/// ▁, which stands for a space in sentencepiece vocabularies.
let metaspace: [UInt8] = [0xe2, 0x96, 0x81]
