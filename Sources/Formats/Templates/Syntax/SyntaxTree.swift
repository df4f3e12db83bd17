/// A variable's name, as a place in ``ChatTemplate``'s list of names.
typealias NameID = Int32

/// An expression, with the line where it begins.
struct Expression: Sendable {
  let line: Int32
  /// Levels of expressions from here down; evaluating recurses as deep.
  let depth: Int32
  let kind: Kind

  indirect enum Kind: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(MarkedString)
    case name(NameID)
    case list([Expression])
    case tuple([Expression])
    case dict([(key: Expression, value: Expression)])
    case attribute(Expression, MarkedString)
    case item(Expression, Expression)
    case slice(Expression, SliceBounds)
    case call(Expression, CallArguments)
    case filter(Expression, FilterCall)
    case test(Expression, TestCall)
    case not(Expression)
    case negative(Expression)
    case positive(Expression)
    case arithmetic(Arithmetic, Expression, Expression)
    case concatenation([Expression])
    case both(Expression, Expression)
    case either(Expression, Expression)
    case comparison(Expression, [(relation: Relation, value: Expression)])
    case choice(Expression, condition: Expression, otherwise: Expression?)
  }
}

enum Arithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

enum Relation: String, Sendable {
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case atMost = "<="
  case greater = ">"
  case atLeast = ">="
  case within = "in"
  case notWithin = "not in"
}

/// `start:stop:step`, each of which may be missing.
struct SliceBounds: Sendable {
  var parts: [Expression?] = [nil, nil, nil]
}

/// What stands between the parentheses of a call.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
  /// `*values` and `**values`.
  var unpacked: Expression?
  var unpackedNamed: Expression?

  var isEmpty: Bool { positional.isEmpty && named.isEmpty && unpacked == nil && unpackedNamed == nil }
}

struct FilterCall: Sendable {
  let filter: Filter
  let line: Int32
  let arguments: CallArguments
}

struct TestCall: Sendable {
  let test: ValueTest
  let arguments: CallArguments
}

/// A part of a template, with its line.
struct Statement: Sendable {
  let line: Int32
  let kind: Kind

  indirect enum Kind: Sendable {
    case text(MarkedString)
    case output(Expression)
    case condition([(condition: Expression, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    case set(Target, Expression)
    case setBlock(Target, [FilterCall], [Statement])
    case macro(MacroDefinition)
    case call(Expression, MacroDefinition)
    case filter([FilterCall], [Statement])
    /// Names of a block of their own: `with`, and `generation` with none.
    case scope([(target: Target, value: Expression)], [Statement])
    case leave(Leave)
  }

  enum Leave: Sendable { case `break`, `continue` }

  struct Loop: Sendable {
    let target: Target
    let source: Expression
    let condition: Expression?
    let body: [Statement]
    let otherwise: [Statement]
    /// Whether the body reads `loop`.
    let usesLoop: Bool
  }
}

/// What an assignment names.
indirect enum Target: Sendable {
  case name(NameID)
  /// A namespace's member.
  case member(NameID, MarkedString)
  case several([Target])
}

final class MacroDefinition: Sendable {
  struct Parameter: Sendable {
    let id: NameID
    let name: String
    let usual: Expression?
  }

  let id: NameID
  let name: String
  let parameters: [Parameter]
  let body: [Statement]
  /// Which of the names that every macro has its body reads, and so which arguments it takes.
  let usesCaller, usesVarargs, usesKwargs: Bool

  init(
    id: NameID, name: String, parameters: [Parameter], body: [Statement], usesCaller: Bool, usesVarargs: Bool,
    usesKwargs: Bool
  ) {
    (self.id, self.name, self.parameters, self.body) = (id, name, parameters, body)
    (self.usesCaller, self.usesVarargs, self.usesKwargs) = (usesCaller, usesVarargs, usesKwargs)
  }
}
