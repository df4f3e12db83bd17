/// A value of the language, as Python has it. All but namespaces never change.
enum Value {
  /// What a name, member or item that is not there gives; the text says which, for an error.
  case undefined(String)
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(MarkedString)
  case sequence(Series)
  case dict(Mapping)
  case namespace(Namespace)
  case loop(LoopState)
  case macro(Macro)
  case method(Method)
  case function(GlobalFunction)

  /// A text of the template's own.
  static func template(_ text: String) -> Value { .string(MarkedString(template: text)) }

  /// A text that nobody wrote.
  static func made(_ text: String) -> Value { .string(MarkedString(message: text)) }

  /// Levels of containers below and with this one.
  var depth: Int {
    switch self {
    case .sequence(let sequence): sequence.depth
    case .dict(let dict): dict.depth
    case .loop(let loop): loop.items.depth + 1
    case .method(let method): method.object.depth + 1
    default: 0
    }
  }

  /// Python's name for what this is, for errors.
  var kind: String {
    switch self {
    case .undefined: "an undefined value"
    case .none: "None"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "str"
    case .sequence(let sequence): sequence.form.rawValue
    case .dict: "dict"
    case .namespace: "a namespace"
    case .loop: "a loop"
    case .macro: "a macro"
    case .method: "a method"
    case .function: "a function"
    }
  }

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .string(let text): !text.isEmpty
    case .sequence(let sequence): sequence.form == .iterator || !sequence.items.isEmpty
    case .dict(let dict): !dict.entries.isEmpty
    case .namespace, .loop, .macro, .method, .function: true
    }
  }

  var isUndefined: Bool {
    if case .undefined = self { return true }
    return false
  }

  /// A whole number, which a truth value also is.
  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    default: nil
    }
  }

  /// Any number.
  var number: Double? {
    if case .float(let value) = self { return value }
    return integer.map(Double.init)
  }

  var string: MarkedString? {
    if case .string(let text) = self { return text }
    return nil
  }
}

/// Several values in order.
final class Series {
  enum Form: String {
    case list, tuple, range
    case keys = "dict_keys"
    case values = "dict_values"
    case pairs = "dict_items"
    /// What some filters give: it can be gone through once.
    case iterator = "generator"
  }

  let form: Form
  /// What is left of an iterator; all values of the others.
  private(set) var items: [Value]
  let depth: Int

  /// - Throws: A limit where the values nest too deep.
  init(_ items: [Value], _ form: Form, _ meter: Meter) throws(TemplateError) {
    var depth = 0
    for item in items { depth = max(depth, item.depth) }
    guard depth < TemplateLimits.valueDepth else {
      throw .limit(line: meter.line, .depth(limit: TemplateLimits.valueDepth))
    }
    (self.items, self.form, self.depth) = (items, form, depth + 1)
  }

  /// A list.
  convenience init(_ items: [Value], _ meter: Meter) throws(TemplateError) {
    try self.init(items, .list, meter)
  }

  /// The values, of which an iterator has none afterwards.
  func take() -> [Value] {
    guard form == .iterator else { return items }
    defer { items = [] }
    return items
  }

  /// The first value, which an iterator has no more afterwards.
  func takeFirst() -> Value? {
    guard form == .iterator, !items.isEmpty else { return items.first }
    return items.removeFirst()
  }
}

/// The one thing that changes: what `namespace()` makes.
final class Namespace {
  private(set) var members: [(name: MarkedString, value: Value)] = []

  func get(_ name: MarkedString) -> Value? { members.first { $0.name == name }?.value }

  func set(_ name: MarkedString, _ value: Value) {
    if let index = members.firstIndex(where: { $0.name == name }) {
      members[index].value = value
    } else {
      members.append((name, value))
    }
  }

  func clear() { members = [] }
}

/// A method with the value that it belongs to.
final class Method {
  let object: Value
  let name: String

  init(_ object: Value, _ name: String) { (self.object, self.name) = (object, name) }
}

/// A macro, or the body of a call block, with the scope that it was written in.
final class Macro {
  let definition: MacroDefinition
  let scope: Scope

  init(_ definition: MacroDefinition, _ scope: Scope) { (self.definition, self.scope) = (definition, scope) }
}

/// Where a loop is.
final class LoopState {
  let items: Series
  var index = 0
  var lastChanged: [Value]?

  init(_ items: Series) { self.items = items }
}
