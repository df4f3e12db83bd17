extension NormalizedText {
  /// A scalar on its way into a normalization form, with what it stands for.
  private struct Piece {
    var scalar: UInt32
    var combiningClass: UInt8
    var source: Range<Int>
  }

  /// The text in a normalization form.
  ///
  /// - Complexity: O(bytes), however long a run of combining marks is.
  func normalized(to form: NormalizationForm) -> NormalizedText {
    let forms = UnicodeForms.shared
    let compatibly = form == .nfkc || form == .nfkd
    let composes = form == .nfc || form == .nfkc
    var result = NormalizedText(like: self)
    var pending: [Piece] = []
    forEachScalar { value, range in
      if forms.isPlain(value) {
        flush(&pending, composes, into: &result)
        pending.append(Piece(scalar: value, combiningClass: 0, source: range))
        return
      }
      forms.decompose(value, compatibly: compatibly) { scalar in
        let combining = forms.combiningClass(scalar)
        if combining == 0, !forms.composesBackward(scalar) { flush(&pending, composes, into: &result) }
        pending.append(Piece(scalar: scalar, combiningClass: combining, source: range))
      }
    }
    flush(&pending, composes, into: &result)
    return result
  }

  private func flush(_ pieces: inout [Piece], _ composes: Bool, into result: inout NormalizedText) {
    defer { pieces.removeAll(keepingCapacity: true) }
    if pieces.count > 1 {
      Self.order(&pieces)
      if composes { Self.compose(&pieces) }
    }
    for piece in pieces { result.append(piece.scalar, for: piece.source, of: self) }
  }

  /// Sorts each run of marks by their classes; marks of one class keep their order.
  private static func order(_ pieces: inout [Piece]) {
    var start = 0
    while start < pieces.count {
      guard pieces[start].combiningClass > 0 else {
        start += 1
        continue
      }
      var end = start
      while end < pieces.count, pieces[end].combiningClass > 0 { end += 1 }
      if end - start > 1 { order(&pieces, start..<end) }
      start = end
    }
  }

  private static func order(_ pieces: inout [Piece], _ run: Range<Int>) {
    let isOrdered = run.dropFirst().allSatisfy {
      pieces[$0 - 1].combiningClass <= pieces[$0].combiningClass
    }
    if isOrdered { return }
    var counts = [Int](repeating: 0, count: 257)
    for piece in pieces[run] { counts[Int(piece.combiningClass) + 1] += 1 }
    for index in 1..<counts.count { counts[index] += counts[index - 1] }
    let unordered = Array(pieces[run])
    for piece in unordered {
      pieces[run.lowerBound + counts[Int(piece.combiningClass)]] = piece
      counts[Int(piece.combiningClass)] += 1
    }
  }

  /// Joins each scalar with the last starter before it where nothing between blocks it (Unicode 3.11, D117).
  private static func compose(_ pieces: inout [Piece]) {
    var (kept, starter) = (0, Int?.none)
    for index in pieces.indices {
      let piece = pieces[index]
      if let starter {
        let isNext = kept == starter + 1
        let last = pieces[kept - 1].combiningClass
        let isBlocked = !isNext && (last == 0 || last >= piece.combiningClass)
        if !isBlocked, let composite = UnicodeForms.shared.compose(pieces[starter].scalar, piece.scalar) {
          pieces[starter].scalar = composite
          let source = pieces[starter].source
          pieces[starter].source =
            min(source.lowerBound, piece.source.lowerBound)..<max(source.upperBound, piece.source.upperBound)
          continue
        }
      }
      if piece.combiningClass == 0 { starter = kept }
      pieces[kept] = piece
      kept += 1
    }
    pieces.removeSubrange(kept...)
  }
}
