import Arguments

/// What a command is told and tells about itself: parsing, `--help`, and the tests of completions and manual read it.
struct CommandHelp {
  /// An option with what it does.
  struct Option {
    let option: ArgumentOption
    let help: String

    init(_ name: String, short: String? = nil, _ value: String? = nil, _ help: String) {
      option = ArgumentOption(
        name, short: short, value: value, repetition: value == nil ? .lastCounts : .refused)
      self.help = help
    }
  }

  let verb: String
  /// As in `qpack import X`.
  let operands: String
  let summary: String
  let options: [Option]
  /// What is worth knowing beyond the options.
  let details: String

  /// All that may be given, `--help` included.
  var accepted: [ArgumentOption] { options.map(\.option) + [Self.helpOption] }

  static let helpOption = ArgumentOption("--help", short: "-h")

  var text: String {
    let names = options.map { option in
      (option.option.short.map { "\($0), " } ?? "") + option.option.name
        + (option.option.value.map { " \($0)" } ?? "")
    }
    let width = (names.map(\.count).max() ?? 0) + 2
    let lines = zip(names, options).map { name, option in "  \(name.padded(to: width))\(option.help)" }
    return (["qpack \(verb) \(operands)", "", "  \(summary)", "", details, "", "Options:"] + lines)
      .joined(separator: "\n")
  }
}
