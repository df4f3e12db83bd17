/// A piece of a template's source.
struct Token: Equatable {
  enum Kind: Equatable {
    /// Text outside of tags, as it is written out.
    case data(String)
    case blockBegin, blockEnd, outputBegin, outputEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    case symbol(Symbol)
    case end
  }

  /// Marks inside of tags; the longer ones first, as they are looked for in this order.
  enum Symbol: String, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case unequal = "!="
    case atLeast = ">="
    case atMost = "<="
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case modulo = "%"
    case tilde = "~"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
  }

  let kind: Kind
  let line: Int

  /// For an error.
  var shown: String {
    switch kind {
    case .data: "text"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .outputBegin: "'{{'"
    case .outputEnd: "'}}'"
    case .name(let name): "'\(name.prefix(64))'"
    case .string: "a string"
    case .integer, .float: "a number"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "the end of the template"
    }
  }
}
