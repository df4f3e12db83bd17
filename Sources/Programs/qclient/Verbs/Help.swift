import Arguments

extension Command {
  func help() throws(ClientFailure) {
    guard let word = invocation.operands.first else { return try console.line(Self.overview) }
    guard let verb = Verb(word: word) else {
      throw .usage(
        "unknown verb '\(word)'" + Suggestion.text(for: word, among: Verb.allCases.map(\.rawValue)))
    }
    try console.line(Self.help(verb))
  }

  private static var overview: String {
    var lines = [
      "Ask quantd, the daemon for quantized models.", "", "Usage: qclient VERB [OPTIONS] [OPERANDS]",
    ]
    for group in Verb.groups {
      lines += ["", "\(group.title):"]
      lines += group.verbs.map { verb in
        let usage = "\(verb.rawValue) \(verb.operands)"
        return "  \(usage)\(String(repeating: " ", count: max(1, 26 - usage.count)))\(verb.help)"
      }
    }
    lines += ["", "Every verb:"] + describe(Flag.general)
    lines += ["", "qclient help VERB tells a verb's options; qclient(1) tells everything, exit codes too."]
    return lines.joined(separator: "\n")
  }

  private static func help(_ verb: Verb) -> String {
    var lines = ["qclient \(verb.rawValue) \(verb.operands)", "", "  \(verb.help)", ""]
    if !verb.flags.isEmpty { lines += ["Options:"] + describe(verb.flags) + [""] }
    lines += ["Every verb:"] + describe(Flag.general)
    return lines.joined(separator: "\n")
  }

  private static func describe(_ flags: [Flag]) -> [String] {
    flags.map { flag in
      let usage = "--\(flag.rawValue)\(flag.argument.map { " \($0)" } ?? "")"
      return "  \(usage)\(String(repeating: " ", count: max(2, 34 - usage.count)))\(flag.help)"
    }
  }
}
