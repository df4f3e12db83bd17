/// The variables of a block that has its own.
final class Scope {
  private var variables: [(id: NameID, value: Value)] = []
  private let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  func find(_ id: NameID) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      for variable in current.variables where variable.id == id { return variable.value }
      scope = current.parent
    }
    return nil
  }

  func set(_ id: NameID, _ value: Value) {
    for index in variables.indices where variables[index].id == id {
      variables[index].value = value
      return
    }
    variables.append((id, value))
  }

  func clear() { variables = [] }
}
