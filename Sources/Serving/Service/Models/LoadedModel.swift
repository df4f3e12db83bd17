import Engine
import Models
import Packs
import Registry
import Scheduling

/// A version that the engine runs.
struct LoadedModel: Sendable {
  let id: VersionID
  let key: ModelKey
  let pack: ModelPack
  /// Weights, cache and working memory reserved for it.
  let memoryBytes: Int
  /// Tokens a sequence may have; nil for a classifier.
  var contextTokens: Int? {
    if case .llama(let configuration) = pack.configuration { configuration.context } else { nil }
  }

  /// What requests ask it for: `classify` or `generate`.
  var task: DefaultTask {
    switch pack.configuration {
    case .vit: .classify
    case .llama: .generate
    }
  }
}

extension DefaultTask {
  /// The task of a registered architecture name.
  init(architecture: String) { self = architecture == "vit" ? .classify : .generate }
}
