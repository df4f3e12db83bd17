/// The members of a JSON object in written order; lookups are linear, as messages have few members.
public struct JSONObject: Sendable, Equatable {
  /// One `"name": value` pair.
  public struct Member: Sendable, Equatable {
    public var name: String
    public var value: JSONValue

    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var members: [Member]

  public init(members: [Member] = []) {
    self.members = members
  }

  /// The value called `name`. Setting nil removes it; setting a new name appends it.
  public subscript(name: String) -> JSONValue? {
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
