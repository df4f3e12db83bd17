/// A regular expression that is ready to search with.
///
/// Supported is what Oniguruma's Ruby syntax means by literals, escapes, classes with ranges, nesting, `&&` and `\p{…}`,
/// groups, alternatives, greedy, lazy and possessive repetitions, anchors, word borders, lookaheads of any length and
/// lookbehinds of one character, `(?i)`, `(?m)`, `(?x)`. Back references, atomic groups of more than one character's
/// repetition, `\R`, `\X`, `\G`, `\K` and conditionals are refused by name.
///
/// It cannot be changed, and its memory lives as long as itself, so it may be shared between threads.
final class CompiledPattern: @unchecked Sendable {
  let program: PatternProgram
  /// The program's instructions and sets as plain memory, which the machine reads without counting references.
  let instructions: UnsafeBufferPointer<PatternProgram.Instruction>
  let sets: UnsafeBufferPointer<CompiledSet>
  /// What a match can begin with; nil where that says nothing.
  let first: CompiledSet?
  /// The same as a table, where that has a bounded size.
  let automaton: PatternAutomaton?

  /// - Throws: ``TokenizerError/patternNotSupported(pattern:reason:)``.
  init(_ text: String) throws(TokenizerError) {
    do throws(PatternError) {
      let node = try PatternParser.parse(text)
      program = try PatternProgram(node)
      first = node.first.map(CompiledSet.init)
    } catch { throw .patternNotSupported(pattern: text, reason: error.reason) }
    instructions = Self.copy(program.instructions)
    sets = Self.copy(program.sets)
    automaton = PatternAutomaton(program)
  }

  deinit {
    automaton?.deallocate()
    UnsafeMutableBufferPointer(mutating: instructions).deinitialize().deallocate()
    UnsafeMutableBufferPointer(mutating: sets).deinitialize().deallocate()
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
    let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
    return UnsafeBufferPointer(buffer)
  }
}
