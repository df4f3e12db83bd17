import Vocabulary

extension Tokenizer {
  /// Splits text at special tokens; encodes what is between them.
  func encode(_ text: UnsafeBufferPointer<UInt8>, parseSpecial: Bool, into ids: inout [TokenID]) {
    var merger = PairMerger()
    var start = 0
    while start < text.count {
      let special = specials.next(in: text, from: start, parseSpecial: parseSpecial, model: model)
      let end = special?.range.lowerBound ?? text.count
      if end > start {
        let segment = UnsafeBufferPointer(rebasing: text[start..<end])
        encodeSegment(segment, isFirst: start == 0, merger: &merger, into: &ids)
      }
      if let special { ids.append(TokenID(special.id)) }
      start = special?.range.upperBound ?? text.count
    }
  }

  private func encodeSegment(
    _ segment: UnsafeBufferPointer<UInt8>, isFirst: Bool, merger: inout PairMerger, into ids: inout [TokenID]
  ) {
    let spaced = needsSpace(segment, isFirst: isFirst)
    switch model.header.kind {
    case .spmBPE:
      var marked: [UInt8] = spaced ? metaspace : []
      marked.reserveCapacity(segment.count * 2)
      for byte in segment {
        if byte == UInt8(ascii: " ") { marked += metaspace } else { marked.append(byte) }
      }
      marked.withUnsafeBufferPointer { encodeWords($0, merger: &merger, into: &ids) }
    case .byteLevelBPE where spaced:
      ([UInt8(ascii: " ")] + segment).withUnsafeBufferPointer { encodeWords($0, merger: &merger, into: &ids) }
    case .byteLevelBPE:
      encodeWords(segment, merger: &merger, into: &ids)
    }
  }

  private func needsSpace(_ segment: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> Bool {
    let isSpaced =
      segment.first == UInt8(ascii: " ")
      || model.header.kind == .spmBPE && segment.starts(with: metaspace)
    switch model.header.leadingSpace {
    case .never: return false
    case .everySegment: return true
    case .everySegmentUnlessSpaced: return !isSpaced
    case .firstSegmentUnlessSpaced: return isFirst && !isSpaced
    }
  }

  private func encodeWords(
    _ text: UnsafeBufferPointer<UInt8>, merger: inout PairMerger, into ids: inout [TokenID]
  ) {
    var start = 0
    while start < text.count {
      let end = wordEnd(in: text, from: start)
      encodeWord(UnsafeBufferPointer(rebasing: text[start..<end]), merger: &merger, into: &ids)
      start = end
    }
  }

  private func wordEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let scanner = WordScanner(bytes: text)
    switch model.header.wordSplit {
    case .none: return wordsAreIndependent ? metaspaceWordEnd(in: text, from: start) : text.count
    case .metaspace:
      var end = start + 1
      while end < text.count, !text[end...].starts(with: metaspace) { end += 1 }
      return end
    case .gpt2: return scanner.gpt2WordEnd(from: start)
    case .llama3: return scanner.llama3WordEnd(from: start, digits: 3)
    case .singleDigits: return scanner.llama3WordEnd(from: start, digits: 1)
    }
  }

  private func encodeWord(
    _ word: UnsafeBufferPointer<UInt8>, merger: inout PairMerger, into ids: inout [TokenID]
  ) {
    if model.header.prefersWholeWords, let id = pieces.find(word, in: model) {
      return ids.append(TokenID(id))
    }
    var index = 0
    while index < word.count {
      switch model.header.kind {
      case .byteLevelBPE:
        appendBytes(word[index..<index + 1], to: &merger)
        index += 1
      case .spmBPE:
        let (value, length) = decodeScalar(word, at: index)
        if let id = scalarTokens[value] {
          merger.append(id)
        } else {
          appendBytes(word[index..<index + length], to: &merger)
        }
        index += length
      }
      if merger.count >= PairMerger.limit { merger.finish(with: merges, into: &ids) }
    }
    merger.finish(with: merges, into: &ids)
  }

  /// The byte tokens of a character, or the unknown token where one of them is missing.
  private func appendBytes(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, to merger: inout PairMerger) {
    if bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
      for byte in bytes { merger.append(byteTokens[Int(byte)]) }
    } else if let unknown = model.header.unknown {
      if model.header.fusesUnknown, merger.last == unknown.rawValue { return }
      merger.append(unknown.rawValue)
    }
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
