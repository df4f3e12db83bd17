import Arguments

/// The daemon's options, split but not yet read.
struct Flags {
  struct Option {
    let setting: Setting
    let value: String
  }

  let config: String?
  let mode: Configuration.Mode?
  let settings: [Option]

  private static let own = [
    ArgumentOption("--system"), ArgumentOption("--user"),
    ArgumentOption("--config", value: "the path of a file"),
  ]

  init(_ words: [String]) throws(ConfigurationError) {
    let arguments: ParsedArguments
    do throws(UsageError) {
      arguments = try ParsedArguments(words, options: Self.own + Setting.all.map(\.option))
      if let word = arguments.operands.first { throw UsageError("unexpected argument '\(word)'") }
      if arguments.has("--system"), arguments.has("--user") {
        throw UsageError("--system and --user exclude each other")
      }
    } catch {
      throw .usage(error)
    }
    config = arguments["--config"]
    mode = arguments.has("--system") ? .system : arguments.has("--user") ? .user : nil
    settings = Setting.all.compactMap { setting in
      arguments[setting.flag].map { Option(setting: setting, value: $0) }
    }
  }
}

extension Setting {
  fileprivate var option: ArgumentOption { ArgumentOption(flag, value: allowed) }
}
