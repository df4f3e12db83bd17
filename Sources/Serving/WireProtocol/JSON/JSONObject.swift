/// The members of a JSON object in written order; lookups are linear, as messages have few members.
package struct JSONObject: Sendable, Equatable {
  /// One `"name": value` pair.
  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var members: [Member]

  package init(members: [Member] = []) {
    self.members = members
  }

  /// The value called `name`. Setting nil removes it; setting a new name appends it.
  package subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(.init(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}
