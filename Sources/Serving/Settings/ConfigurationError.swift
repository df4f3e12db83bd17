import Arguments

/// Why a configuration cannot be used: where, what was found, what is allowed.
package enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An unknown key, with a suggestion that may be empty.
  case unknownKey(String, at: Origin, suggestion: String)
  case badValue(key: String, found: String, allowed: String, at: Origin)
  case duplicate(key: String, at: Origin, firstLine: Int)
  case notAnAssignment(String, at: Origin)
  case unreadable(path: String, reason: String)
  case notFound(path: String, named: String)
  case usage(UsageError)
  case noPlace(setting: String, variables: String, flag: String)

  /// Where a setting was made.
  package enum Origin: Sendable, Equatable, CustomStringConvertible {
    case file(String, line: Int)
    case flag(String)
    case variable(String)

    package var description: String {
      switch self {
      case .file(let path, let line): "\(path):\(line)"
      case .flag(let name): name
      case .variable(let name): "$\(name)"
      }
    }
  }

  /// What the program ends with: `usage` for a wrong command line, `badConfiguration` for the rest.
  package var exitStatus: ExitStatus {
    switch self {
    case .usage, .badValue(_, _, _, at: .flag), .notFound(_, "--config"): .usage
    case .unknownKey, .badValue, .duplicate, .notAnAssignment, .unreadable, .notFound, .noPlace:
      .badConfiguration
    }
  }

  package var description: String {
    switch self {
    case .unknownKey(let key, let origin, let suggestion):
      "\(origin): unknown key '\(key)'\(suggestion.isEmpty ? "; quantd.conf(5) lists all" : suggestion)"
    case .badValue(let key, let found, let allowed, let origin):
      "\(origin): \(key) is '\(found)', but allowed is \(allowed)"
    case .duplicate(let key, let origin, let first):
      "\(origin): \(key) is already set on line \(first); keep one of the two"
    case .notAnAssignment(let text, let origin):
      "\(origin): '\(text)' is not 'key = value'; a comment starts with #"
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .notFound(let path, let name): "\(path), named by \(name), does not exist"
    case .usage(let error): error.text(trying: "quantd --help")
    case .noPlace(let setting, let variables, let flag):
      "no place for \(setting): neither \(variables) is set; set one, or pass \(flag) with an absolute path"
    }
  }
}
