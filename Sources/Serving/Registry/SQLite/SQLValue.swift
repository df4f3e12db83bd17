/// A value that is bound to a placeholder; texts never become part of a statement.
enum SQLValue: Equatable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  case null
  case integer(Int64)
  case text(String)

  init(integerLiteral value: Int64) { self = .integer(value) }
  init(stringLiteral value: String) { self = .text(value) }
  init(nilLiteral: ()) { self = .null }

  init(_ value: Int) { self = .integer(Int64(value)) }
  init(_ value: Int64) { self = .integer(value) }
  init(_ value: UInt32) { self = .integer(Int64(value)) }
  init(_ value: some CustomStringConvertible) { self = .text(value.description) }
}
