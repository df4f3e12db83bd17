/// The members of a JSON object in written order. Lookups are linear, as messages have few members, and exact: names of
/// other bytes are other names, also where Unicode calls them equivalent.
package struct JSONObject: Sendable, Equatable {
  /// One `"name": value` pair.
  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    func hasName(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }
  }

  package private(set) var members: [Member]

  package init(members: [Member] = []) {
    self.members = members
  }

  /// The value called `name`. Setting nil removes it; setting a new name appends it.
  package subscript(name: String) -> JSONValue? {
    get { members.first { $0.hasName(name) }?.value }
    set {
      let index = members.firstIndex { $0.hasName(name) }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(.init(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}
