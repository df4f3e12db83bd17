/// A regular expression that is ready to search with.
///
/// Supported is what Oniguruma's Ruby syntax means by literals, escapes, classes with ranges, nesting, `&&` and `\p{…}`,
/// groups, alternatives, greedy, lazy and possessive repetitions, anchors, word borders, lookaheads of any length and
/// lookbehinds of one character, `(?i)`, `(?m)`, `(?x)`. Back references, atomic groups of more than one character's
/// repetition, `\R`, `\X`, `\G`, `\K` and conditionals are refused by name.
final class CompiledPattern: Sendable {
  let program: PatternProgram
  /// What a match can begin with; nil where that says nothing.
  let first: CompiledSet?

  /// - Throws: ``TokenizerError/patternNotSupported(pattern:reason:)``.
  init(_ text: String) throws(TokenizerError) {
    do throws(PatternError) {
      let node = try PatternParser.parse(text)
      program = try PatternProgram(node)
      first = node.first.map(CompiledSet.init)
    } catch { throw .patternNotSupported(pattern: text, reason: error.reason) }
  }
}
