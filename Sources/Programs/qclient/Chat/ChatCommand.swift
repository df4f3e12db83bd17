import Arguments

/// What a line that begins with a slash asks of the client itself.
enum ChatCommand: Equatable {
  case help
  case reset
  /// Sets the system prompt; nil takes it away.
  case system(String?)
  case save(path: String)
  case load(path: String)

  static let overview = """
    /help          print this
    /reset         forget the conversation, but not the system prompt
    /system TEXT   set the system prompt; without TEXT, take it away
    /save FILE     write the conversation: one JSON object, {"messages": [...]}
    /load FILE     go on with a conversation that /save wrote
    A line that ends in \\ goes on in the next; lines between \"\"\" and \"\"\" are one message.
    // at the beginning of a message stands for one slash.
    Ctrl-C ends an answer and keeps what was said; Ctrl-D leaves.
    """

  /// - Throws: ``ClientFailure/usage(_:)``, with a suggestion where one is near.
  init(line: String) throws(ClientFailure) {
    let parts = line.dropFirst().split(separator: " ", maxSplits: 1)
    let name = parts.first.map(String.init) ?? ""
    let rest = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
    switch name {
    case "help": self = .help
    case "reset": self = .reset
    case "system": self = .system(rest.isEmpty ? nil : String(rest))
    case "save": self = .save(path: try Self.path(rest, "save"))
    case "load": self = .load(path: try Self.path(rest, "load"))
    default: throw Self.unknown(name)
    }
    if !rest.isEmpty, self == .help || self == .reset { throw .chat("/\(name) takes nothing behind it") }
  }

  private static func path(_ rest: Substring, _ name: String) throws(ClientFailure) -> String {
    guard !rest.isEmpty else { throw .chat("/\(name) takes a file: /\(name) FILE") }
    return String(rest)
  }

  private static func unknown(_ name: String) -> ClientFailure {
    let hint = Suggestion.text(for: name, among: ["help", "reset", "system", "save", "load"])
    return .chat("unknown command '/\(name)'\(hint); a message that begins with a slash begins with //")
  }
}
