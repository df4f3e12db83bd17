/// A command line taken apart: operands, and options with their values.
///
/// Options stand anywhere, as `--name value` or `--name=value`; `--` ends them, and `-` is an operand.
package struct ParsedArguments: Sendable, Equatable {
  package private(set) var operands: [String] = []
  /// By the option's long name; a switch has the empty text.
  private var values: [String: [String]] = [:]

  /// - Parameter options: All that may be given.
  /// - Throws: ``UsageError``, with what is probably meant where an option is unknown.
  package init(_ words: [String], options: [ArgumentOption]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let (option, value) = try Self.option(word, &rest, options)
      values[option.name, default: []].append(value)
      if option.repetition == .refused, all(option.name).count > 1 {
        throw UsageError("\(option.name) is given twice")
      }
    }
  }

  private static func option(
    _ word: String, _ rest: inout ArraySlice<String>, _ options: [ArgumentOption]
  ) throws(UsageError) -> (ArgumentOption, String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let option = options.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
      throw UsageError(
        "unknown option '\(parts[0])'" + Suggestion.text(for: parts[0], among: options.map(\.name)))
    }
    let inline = parts.count > 1 ? parts[1] : nil
    guard let value = option.value else {
      if inline != nil { throw UsageError("\(parts[0]) takes no value") }
      return (option, "")
    }
    guard let text = inline ?? rest.popFirst() else {
      throw UsageError("\(parts[0]) needs a value: \(value)")
    }
    return (option, text)
  }

  /// The names of the options that were given.
  package var given: Set<String> { Set(values.keys) }

  /// Whether an option was given.
  package func has(_ name: String) -> Bool { values[name] != nil }

  /// The value that counts; nil where the option was not given.
  package subscript(name: String) -> String? { values[name]?.last }

  /// Every value of an option, in their order.
  package func all(_ name: String) -> [String] { values[name] ?? [] }

  /// An integer in `range`; nil where the option was not given.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError("\(name) takes an integer in \(range.lowerBound)...\(range.upperBound), not '\(text)'")
    }
    return value
  }

  /// A number in `range`; nil where the option was not given.
  package func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = self[name] else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw UsageError("\(name) takes a number in \(range.lowerBound)...\(range.upperBound), not '\(text)'")
    }
    return value
  }
}
