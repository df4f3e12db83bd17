import Arguments
import Vocabulary
import WireProtocol

/// One command line, taken apart: the verb, its options, its operands.
struct Invocation: Equatable {
  var verb: Verb
  var operands: [String] = []
  private var arguments: ParsedArguments

  /// Whether a switch was given.
  func has(_ flag: Flag) -> Bool { arguments.has(flag.option.name) }

  /// The value of an option; the last one counts, as in most programs.
  func text(_ flag: Flag) -> String? { arguments[flag.option.name] }

  /// Every value of an option that may be repeated.
  func texts(_ flag: Flag) -> [String] { arguments.all(flag.option.name) }

  func integer(_ flag: Flag, in range: ClosedRange<Int>) throws(ClientFailure) -> Int? {
    try usage { () throws(UsageError) in try arguments.integer(flag.option.name, in: range) }
  }

  func number(_ flag: Flag, in range: ClosedRange<Double>) throws(ClientFailure) -> Double? {
    try usage { () throws(UsageError) in try arguments.number(flag.option.name, in: range) }
  }

  func seed() throws(ClientFailure) -> UInt64? {
    guard let text = text(.seed) else { return nil }
    guard let value = UInt64(text) else {
      throw .usage("--seed takes an integer in 0...\(UInt64.max), not '\(text)'")
    }
    return value
  }

  /// The model of `--model`.
  func model() throws(ClientFailure) -> ModelReference? {
    guard let text = text(.model) else { return nil }
    return try Self.reference(text)
  }

  /// The model that the first operand names.
  func operandModel() throws(ClientFailure) -> ModelReference {
    try Self.reference(operands.first ?? "")
  }

  private static func reference(_ text: String) throws(ClientFailure) -> ModelReference {
    guard let reference = ModelReference(text) else {
      throw .usage("'\(text)' does not name a model; the form is \(ModelReference.form)")
    }
    return reference
  }

  /// `--timeout` in milliseconds.
  func timeout() throws(ClientFailure) -> Int? {
    try number(.timeout, in: 0.001...86_400).map { max(1, Int($0 * 1000)) }
  }
}

extension Invocation {
  /// Takes the words after the program's name apart. Without any, the verb is `help`.
  ///
  /// - Throws: ``ClientFailure/usage(_:)`` with a suggestion where one is near.
  init(_ words: [String]) throws(ClientFailure) {
    arguments = try usage { () throws(UsageError) in
      try ParsedArguments(words, options: Flag.allCases.map(\.option))
    }
    guard let word = arguments.operands.first else {
      verb = arguments.has(Flag.version.option.name) ? .version : .help
      if arguments.given.isSubset(of: [Flag.help.option.name, Flag.version.option.name]) { return }
      throw .usage("no verb given")
    }
    guard let verb = Verb(word: word) else {
      throw .usage(
        "unknown verb '\(word)'" + Suggestion.text(for: word, among: Verb.allCases.map(\.rawValue)))
    }
    self.verb = verb
    operands = Array(arguments.operands.dropFirst())
    if has(.help) {
      operands = [verb.rawValue]
      self.verb = .help
      return
    }
    try checkFit()
  }

  private func checkFit() throws(ClientFailure) {
    let known = Flag.general + verb.flags
    if let stranger = Flag.allCases.first(where: { has($0) && !known.contains($0) }) {
      throw .usage("\(stranger.option.name) means nothing to '\(verb.rawValue)'")
    }
    guard verb.operandCount.contains(operands.count) else {
      throw .usage("'\(verb.rawValue)' takes \(verb.operands.isEmpty ? "no operands" : verb.operands)")
    }
  }
}

/// Says a mistake of the command line as a failure of this program.
private func usage<Value>(_ body: () throws(UsageError) -> Value) throws(ClientFailure) -> Value {
  do throws(UsageError) {
    return try body()
  } catch {
    throw .usage(error.description)
  }
}
