/// The names of a template: each once, and which of them a caller may give a value.
struct NameTable {
  /// Names that the language itself gives a meaning, at fixed places.
  static let loop: NameID = 0
  static let caller: NameID = 1
  static let varargs: NameID = 2
  static let kwargs: NameID = 3

  private(set) var names = ["loop", "caller", "varargs", "kwargs"]
  private var places: [String: NameID] = ["loop": 0, "caller": 1, "varargs": 2, "kwargs": 3]
  /// Names bound where the parser is, innermost block last.
  private var bound: [Set<NameID>] = [[]]
  /// Names that are bound anywhere.
  private var everBound: Set<NameID> = []
  /// Names that are called, with their first line.
  private var called: [NameID: Int] = [:]
  /// Names that are read where nothing in the template has bound them.
  private(set) var free: Set<NameID> = []
  /// Every name that is read from here on, for a body that asks.
  var read: Set<NameID> = []

  mutating func id(_ name: String) -> NameID {
    if let place = places[name] { return place }
    let place = NameID(names.count)
    names.append(name)
    places[name] = place
    return place
  }

  mutating func markRead(_ id: NameID) {
    read.insert(id)
    if id > NameTable.kwargs, !bound.contains(where: { $0.contains(id) }) { free.insert(id) }
  }

  mutating func markCalled(_ id: NameID, line: Int) {
    if called[id] == nil { called[id] = line }
  }

  mutating func bind(_ id: NameID) {
    bound[bound.count - 1].insert(id)
    everBound.insert(id)
  }

  mutating func open() { bound.append([]) }

  mutating func close() { bound.removeLast() }

  /// Refuses calls of names that nothing can ever give a function.
  func checkCalls() throws(TemplateError) {
    for (id, line) in called.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      let name = names[Int(id)]
      if id > NameTable.kwargs, !everBound.contains(id), GlobalFunction(rawValue: name) == nil {
        throw .unsupported(line: line, kind: .function, name: String(name.prefix(64)))
      }
    }
  }
}
