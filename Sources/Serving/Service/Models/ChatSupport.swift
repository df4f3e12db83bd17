import JSON
import Packs
import Tokenizers
import Vocabulary
import WireProtocol

/// Whether a model takes conversations; decided once, when it is loaded.
enum ChatSupport: Sendable {
  /// The pack has no template.
  case none
  /// The pack has a template that cannot be used.
  case unusable(reason: String)
  case ready(ChatFormat)
}

/// How a model's conversations become prompts.
struct ChatFormat: Sendable {
  /// The variables that the template reads.
  let variables: Set<String>
  /// Whether the model writes its thoughts between `<think>` and `</think>`.
  let thinks: Bool
  /// - Throws: the template's own words, or which bound it reached.
  let render: @Sendable (Conversation) throws(WireError) -> PromptText
}

extension ChatSupport {
  /// What `show` tells.
  var json: JSONValue {
    switch self {
    case .none: ["usable": false, "reason": "the model has no chat template"]
    case .unusable(let reason): ["usable": false, "reason": .string(reason)]
    case .ready(let format):
      [
        "usable": true, "thinks": .bool(format.thinks),
        "variables": .strings(format.variables.sorted()),
      ]
    }
  }
}

extension ChatSupport {
  init(_ pack: ModelPack) {
    let hasTemplate = pack.file.sectionText(PackSection.chatTemplate) != nil
    self = hasTemplate ? .unusable(reason: "this version of quantd renders no templates") : .none
  }
}
