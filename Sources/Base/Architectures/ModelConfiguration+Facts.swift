extension ModelConfiguration {
  /// What a person wants to know about a model's shape, by name.
  package var facts: [(name: String, value: String)] {
    switch self {
    case .decoder(let c):
      [
        (
          "layers",
          "\(c.layers) of width \(c.width), \(c.heads) heads of \(c.headSize), \(c.keyValueHeads) kv-heads, hidden \(c.hidden)"
        ),
        ("vocabulary", "\(c.vocabulary)" + (c.tiedEmbeddings ? ", tied" : "")),
        ("context", "\(c.context) tokens"),
      ]
    case .vision(let c):
      [
        (
          "input",
          "\(c.channels)×\(c.imageSize)×\(c.imageSize) in patches of \(c.patchSize), \(c.tokens) tokens"
        ),
        ("layers", "\(c.layers) of width \(c.width), \(c.heads) heads of \(c.headSize), hidden \(c.hidden)"),
        ("classes", "\(c.classes)"),
      ]
    }
  }
}

extension ModelConfiguration {
  /// The first difference between two models because of which their answers cannot be compared; nil where they can be.
  package func difference(from other: ModelConfiguration) -> (what: String, own: String, other: String)? {
    guard architecture == other.architecture else {
      return ("the architecture", architecture, other.architecture)
    }
    let pairs: [(String, Int, Int)] =
      switch (capability, other.capability) {
      case (.images(let a), .images(let b)):
        [("images of size", a.imageSize, b.imageSize), ("classes:", a.classes, b.classes)]
      case (.sequences(let a), .sequences(let b)):
        [("a vocabulary of", a.vocabulary, b.vocabulary), ("a context of", a.context, b.context)]
      case (.images, .sequences), (.sequences, .images): []
      }
    return pairs.first { $0.1 != $0.2 }.map { ($0.0, "\($0.1)", "\($0.2)") }
  }
}
