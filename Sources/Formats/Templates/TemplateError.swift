/// Why a template was refused, or what a rendering ended with. Lines are counted from 1.
package enum TemplateError: Error, Equatable, CustomStringConvertible {
  /// The source breaks the language.
  case syntax(line: Int, found: String, expected: String)
  /// The source asks for something of the language that is not implemented, such as a filter of that name.
  case unsupported(line: Int, kind: Feature, name: String)
  /// A rendering did what the language does not allow, such as adding a text to a number.
  case failed(line: Int, TemplateFailure)
  /// The template's own words, by `raise_exception`.
  case raised(line: Int, text: String)
  /// A bound was reached, and the work in question was not begun.
  case limit(line: Int, TemplateLimit)

  /// What can be known by a name.
  package enum Feature: String, Sendable {
    case tag, filter, test, function, method, format, modifier
  }

  package var description: String {
    switch self {
    case .syntax(let line, let found, let expected):
      "chat template, line \(line): expected \(expected), but found \(found)"
    case .unsupported(let line, let kind, let name):
      "chat template, line \(line): the \(kind.rawValue) '\(name)' is unknown or not implemented"
    case .failed(let line, let failure): "chat template, line \(line): \(failure)"
    case .raised(_, let text): "the chat template refuses this conversation: \(text)"
    case .limit(let line, let limit): "chat template, line \(line): \(limit)"
    }
  }
}

/// What a rendering did that the language does not allow.
package enum TemplateFailure: Sendable, Equatable, CustomStringConvertible {
  /// A name, member or item that is not there was used for more than printing and testing.
  case undefined(String)
  /// An operation on kinds of values that it is not made for.
  case operands(String, found: String)
  /// A call whose arguments are not what is called takes.
  case arguments(of: String, String)
  /// A count of values that does not fit the names for them.
  case unpacking(found: Int, expected: Int)
  /// A text or number with which an operation can do nothing.
  case value(String, found: String)
  case overflow
  case divisionByZero

  package var description: String {
    switch self {
    case .undefined(let name): "\(name) is undefined"
    case .operands(let operation, let found): "\(operation) cannot be done with \(found)"
    case .arguments(let name, let reason): "\(name): \(reason)"
    case .unpacking(let found, let expected): "\(expected) names stand for \(found) values"
    case .value(let operation, let found): "\(operation) cannot use \(found)"
    case .overflow: "a whole number exceeds 64 bits"
    case .divisionByZero: "division by zero"
    }
  }
}

/// Which bound was reached.
package enum TemplateLimit: Sendable, Equatable, CustomStringConvertible {
  case source(bytes: Int, limit: Int)
  case depth(limit: Int)
  case steps(limit: Int)
  case made(limit: Int)
  case output(limit: Int)
  case range(count: Int, limit: Int)

  package var description: String {
    switch self {
    case .source(let bytes, let limit): "the template has \(bytes) bytes, at most \(limit) are read"
    case .depth(let limit): "it nests deeper than \(limit) levels"
    case .steps(let limit): "rendering takes more than \(limit) steps"
    case .made(let limit): "rendering makes more than \(limit) bytes of values"
    case .output(let limit): "the result has more than \(limit) bytes"
    case .range(let count, let limit): "a range of \(count) numbers, at most \(limit) are made"
    }
  }
}
