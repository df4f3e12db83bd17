/// What somebody probably meant to type.
package enum Suggestion {
  /// `; did you mean 'x'?` for the nearest of `words`, or nothing when none is near.
  package static func text(for word: String, among words: [String]) -> String {
    let ranked = words.map { (distance: distance(word, $0), word: $0) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= max(1, word.utf8.count / 3)
    else { return "" }
    return "; did you mean '\(best.word)'?"
  }

  /// The Levenshtein distance: insertions, deletions and replacements from `a` to `b`.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
