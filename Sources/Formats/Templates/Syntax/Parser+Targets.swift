/// What a tag gives values to.
extension Parser {
  /// One name, or several with commas between them, in parentheses or not.
  mutating func target(withMembers: Bool) throws(TemplateError) -> Target {
    var targets = [try oneTarget(withMembers: withMembers)]
    guard isSymbol(.comma) else { return targets[0] }
    while take(.comma) {
      guard case .name(let name) = current.kind, name != "in" else {
        if isSymbol(.openParenthesis) { targets.append(try oneTarget(withMembers: withMembers)) }
        continue
      }
      targets.append(try oneTarget(withMembers: withMembers))
    }
    return .several(targets)
  }

  private mutating func oneTarget(withMembers: Bool) throws(TemplateError) -> Target {
    if take(.openParenthesis) {
      let inner = try deeper { p throws(TemplateError) in try p.target(withMembers: withMembers) }
      try expect(.closeParenthesis)
      return inner
    }
    let found = current.shown
    let name = try expectName()
    guard !["true", "True", "false", "False", "none", "None", "loop"].contains(name) else {
      throw .syntax(line: line, found: found, expected: "a name that can be given a value")
    }
    let id = names.id(name)
    if withMembers, take(.dot) {
      names.markRead(id)
      return .member(id, MarkedString(template: try expectName("a member's name")))
    }
    return .name(id)
  }

  mutating func bind(_ target: Target) {
    switch target {
    case .name(let id): names.bind(id)
    case .member: break
    case .several(let targets): for target in targets { bind(target) }
    }
  }
}
