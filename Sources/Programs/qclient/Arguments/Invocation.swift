import WireProtocol

/// One command line, taken apart: the verb, its options, its operands.
struct Invocation: Equatable {
  var verb: Verb
  var operands: [String] = []
  private var values: [Flag: [String]] = [:]

  /// Whether a switch was given.
  func has(_ flag: Flag) -> Bool { values[flag] != nil }

  /// The value of an option; the last one counts, as in most programs.
  func text(_ flag: Flag) -> String? { values[flag]?.last }

  /// Every value of an option that may be repeated.
  func texts(_ flag: Flag) -> [String] { values[flag] ?? [] }

  func integer(_ flag: Flag, in range: ClosedRange<Int>) throws(ClientFailure) -> Int? {
    guard let text = text(flag) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw .usage(
        "--\(flag.rawValue) takes an integer in \(range.lowerBound)...\(range.upperBound), not '\(text)'")
    }
    return value
  }

  func number(_ flag: Flag, in range: ClosedRange<Double>) throws(ClientFailure) -> Double? {
    guard let text = text(flag) else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw .usage(
        "--\(flag.rawValue) takes a number in \(range.lowerBound)...\(range.upperBound), not '\(text)'")
    }
    return value
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
  /// Options may stand before or after the verb, as `--flag value` or `--flag=value`; `--` ends them.
  /// - Throws: ``ClientFailure/usage(_:)`` with a suggestion where one is near.
  init(_ words: [String]) throws(ClientFailure) {
    var rest = words[...]
    var operands: [String] = []
    var values: [Flag: [String]] = [:]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      } else if word.hasPrefix("-"), word != "-" {
        let (flag, value) = try Self.flag(word, &rest)
        values[flag, default: []].append(value)
      } else {
        operands.append(word)
      }
    }
    try self.init(operands, values)
  }

  private init(_ words: [String], _ values: [Flag: [String]]) throws(ClientFailure) {
    var operands = words[...]
    self.values = values
    guard let word = operands.popFirst() else {
      verb = values[.version] != nil ? .version : .help
      if values.isEmpty || values[.help] != nil || values[.version] != nil { return }
      throw .usage("no verb given")
    }
    guard let verb = Verb(word: word) else {
      throw .usage(
        "unknown verb '\(word)'" + Suggestion.text(for: word, among: Verb.allCases.map(\.rawValue)))
    }
    self.verb = verb
    self.operands = Array(operands)
    if values[.help] != nil {
      self.operands = [verb.rawValue]
      self.verb = .help
      return
    }
    try checkFit()
  }

  private func checkFit() throws(ClientFailure) {
    if let stranger = values.keys.first(where: { !(Flag.general + verb.flags).contains($0) }) {
      throw .usage("--\(stranger.rawValue) means nothing to '\(verb.rawValue)'")
    }
    guard verb.operandCount.contains(operands.count) else {
      throw .usage("'\(verb.rawValue)' takes \(verb.operands.isEmpty ? "no operands" : verb.operands)")
    }
  }

  private static func flag(
    _ word: String, _ rest: inout ArraySlice<String>
  ) throws(ClientFailure) -> (Flag, String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelling = String(parts[0])
    let short: [String: Flag] = ["-h": .help, "-m": .model, "-q": .quiet, "-n": .maxTokens, "-V": .version]
    let long = spelling.hasPrefix("--") ? Flag(rawValue: String(spelling.dropFirst(2))) : nil
    guard let flag = short[spelling] ?? long else {
      let known = Flag.allCases.map { "--\($0.rawValue)" }
      throw .usage("unknown option '\(spelling)'" + Suggestion.text(for: spelling, among: known))
    }
    let inline = parts.count > 1 ? String(parts[1]) : nil
    guard let argument = flag.argument else {
      if inline != nil { throw .usage("\(spelling) takes no value") }
      return (flag, "")
    }
    guard let value = inline ?? rest.popFirst() else {
      throw .usage("\(spelling) needs \(argument) after it")
    }
    return (flag, value)
  }
}
