import Glibc
import JSON
import Packs
import Templates
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
  /// Parses the pack's template. What is wrong with it is kept as the reason, because prompts are served without it.
  init(_ pack: ModelPack) {
    do {
      guard let source = try pack.file.section(PackSection.chatTemplate, as: String.self) else {
        self = .none
        return
      }
      guard let tokenizer = pack.tokenizer else {
        self = .unusable(reason: "the model reads no text")
        return
      }
      self = .ready(ChatFormat(try ChatTemplate(source), source, tokenizer, begin: pack.beginToken))
    } catch {
      self = .unusable(reason: "\(error)")
    }
  }
}

extension ChatFormat {
  fileprivate init(_ template: ChatTemplate, _ source: String, _ tokenizer: Tokenizer, begin: TokenID?) {
    let tags = [ReasoningSplitter.opening, ReasoningSplitter.closing]
    let special = Self.specialTokens(tokenizer, begin: begin)
    self.init(
      variables: Set(template.variables),
      thinks: tags.allSatisfy { source.contains($0) }
        || tags.allSatisfy { tokenizer.encode($0, parseSpecial: true).count == 1 }
    ) { conversation throws(WireError) in
      do throws(TemplateError) {
        return try template.render(
          ChatInput(
            messages: .array(conversation.messages.map(\.json)),
            tools: conversation.tools.isEmpty ? nil : .array(conversation.tools),
            addGenerationPrompt: conversation.opensAnswer, tokens: special, options: conversation.options,
            clock: .now))
      } catch {
        throw WireError(.badRequest, error.description, parameter: "messages")
      }
    }
  }

  /// `bos_token`, `eos_token` and what else the tokenizer names, as they are written.
  private static func specialTokens(_ tokenizer: Tokenizer, begin: TokenID?) -> [String: String] {
    let header = tokenizer.model.header
    var tokens = header.labels
    tokens["bos"] = header.begin ?? begin
    tokens["eos"] = header.end
    tokens["unk"] = header.unknown
    return Dictionary(
      uniqueKeysWithValues: tokens.map {
        ("\($0.key)_token", String(decoding: tokenizer.spelling(of: $0.value), as: UTF8.self))
      })
  }
}

extension TemplateClock {
  /// The time of this machine's clock and zone.
  fileprivate static var now: TemplateClock {
    var (seconds, parts) = (time(nil), tm())
    localtime_r(&seconds, &parts)
    return TemplateClock(localSeconds: seconds + parts.tm_gmtoff)
  }
}
