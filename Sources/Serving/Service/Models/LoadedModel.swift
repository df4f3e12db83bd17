import Architectures
import Engine
import Packs
import Registry
import Scheduling

/// A version that the engine runs.
struct LoadedModel: Sendable {
  let id: VersionID
  let key: ModelKey
  let pack: ModelPack
  /// The pack's template, parsed.
  let chat: ChatSupport
  /// Weights, cache and working memory reserved for it.
  let memoryBytes: Int
  /// Tokens a sequence may have; nil for a classifier.
  var contextTokens: Int? {
    pack.configuration.contextTokens
  }

  /// What requests ask it for: `classify` or `generate`.
  var task: DefaultTask { DefaultTask(architecture: pack.configuration.architecture) }
}

extension DefaultTask {
  /// The task of a registered architecture name.
  init(architecture: String) { self = VisionFamily(rawValue: architecture) != nil ? .classify : .generate }
}
