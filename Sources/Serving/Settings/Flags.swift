/// The daemon's options, split but not yet read.
struct Flags {
  struct Option {
    let setting: Setting
    let value: String
  }

  private(set) var config: String?
  private(set) var mode: Configuration.Mode?
  private(set) var settings: [Option] = []

  init(_ arguments: [String]) throws(ConfigurationError) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else { throw .unexpectedArgument(word) }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let inline = parts.count == 2 ? parts[1] : nil
      switch (parts[0], inline) {
      case ("--system", nil): mode = .system
      case ("--user", nil): mode = .user
      case ("--config", _):
        config = try Self.value(of: "--config", inline, &rest, allowed: "the path of a file")
      default:
        guard let setting = Setting.all.first(where: { $0.flag == parts[0] }) else {
          throw .unknownFlag(parts[0], nearest: nearest(to: parts[0], in: Self.names))
        }
        let value = try Self.value(of: setting.flag, inline, &rest, allowed: setting.allowed)
        settings.append(Option(setting: setting, value: value))
      }
    }
  }

  private static let names = ["--system", "--user", "--config"] + Setting.all.map(\.flag)

  private static func value(
    of flag: String, _ inline: String?, _ rest: inout ArraySlice<String>, allowed: String
  ) throws(ConfigurationError) -> String {
    if let inline, !inline.isEmpty { return inline }
    guard inline == nil, let next = rest.popFirst(), !next.isEmpty else {
      throw .missingValue(flag: flag, allowed: allowed)
    }
    return next
  }
}
