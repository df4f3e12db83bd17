import Architectures
import Tokenizers
import Vocabulary
import WireProtocol

/// A prompt as the engine takes it.
struct PreparedPrompt: Equatable {
  var tokens: [TokenID]
  /// What tells thoughts from the answer to come; nil where the model does not think or nobody asked in messages.
  var reasoning: Reasoning?

  enum Reasoning: Equatable {
    case mayBegin
    /// The template opened a thought.
    case isOpen
  }
}

/// Makes prompts of what requests send, for one version of a model.
struct PromptMaker {
  let model: LoadedModel
  let traits: SequenceTraits
  let tokenizer: Tokenizer

  /// The tokens that are put around a text.
  enum Surroundings {
    case none
    /// The model's begin token, where it has one: a text that the model goes on with.
    case begin
    /// Also what the tokenizer puts behind a text: one that stands for itself, as `transformers` tokenizes it. Encoders and
    /// models of embeddings were trained with it; in front of an answer it would end the text.
    case whole
  }

  /// The tokens of an input, however many.
  ///
  /// - Throws: `bad_request` for token ids outside the vocabulary and for what the template refuses, `no_template`.
  func prompt(
    _ input: PromptInput, around surroundings: Surroundings = .begin
  ) throws(WireError) -> PreparedPrompt {
    switch input {
    case .text(let text, let special):
      let begin = surroundings == .none ? [] : model.pack.beginToken.map { [$0] } ?? []
      let end = surroundings == .whole ? tokenizer.suffix : []
      let tokens = tokenizer.encode(PromptText(text, byTemplate: special))
      // A template that was written by hand may begin as the model's texts do.
      let front = special && tokens.starts(with: begin) ? [] : begin
      return PreparedPrompt(tokens: front + tokens + end)
    case .tokens(let tokens):
      try check(tokens)
      return PreparedPrompt(tokens: tokens)
    case .chat(let conversation): return try prompt(conversation)
    }
  }

  /// The same where it leaves room in the model's context.
  ///
  /// - Parameter room: The tokens that have to fit behind the prompt: one for a generation, none for an embedding.
  /// - Throws: `context_overflow` with both numbers; nothing is cut silently.
  func prompt(
    _ input: PromptInput, around surroundings: Surroundings = .begin, leaving room: Int
  ) throws(WireError) -> PreparedPrompt {
    let prompt = try prompt(input, around: surroundings)
    guard prompt.tokens.count + room <= traits.context else {
      let rest = room == 0 ? "" : ", with at least one to generate"
      throw WireError(
        .contextOverflow,
        "the prompt has \(prompt.tokens.count) tokens, but the model's context holds \(traits.context)\(rest)",
        parameter: input.parameter)
    }
    guard !prompt.tokens.isEmpty else {
      throw WireError(
        .badRequest, "the prompt is empty, and this model has no token to begin with",
        parameter: input.parameter)
    }
    return prompt
  }

  private func check(_ tokens: [TokenID]) throws(WireError) {
    guard let wrong = tokens.first(where: { $0.index >= traits.vocabulary }) else { return }
    throw WireError(
      .badRequest, "token \(wrong) is not below the vocabulary size \(traits.vocabulary)",
      parameter: "prompt")
  }

  private func prompt(_ conversation: Conversation) throws(WireError) -> PreparedPrompt {
    let format = try chatFormat()
    try check(conversation, format)
    let prompt = try format.render(conversation)
    return PreparedPrompt(
      tokens: tokenizer.encode(prompt),
      reasoning: format.thinks ? (prompt.opensThought ? .isOpen : .mayBegin) : nil)
  }

  private func chatFormat() throws(WireError) -> ChatFormat {
    switch model.chat {
    case .ready(let format): return format
    case .none:
      throw WireError(
        .noTemplate,
        "'\(model.id)' has no chat template; send 'prompt' (qclient: --raw), or import the model again from a folder "
          + "that has one",
        parameter: "messages")
    case .unusable(let reason):
      throw WireError(
        .badRequest,
        "'\(model.id)' cannot take 'messages', but 'prompt' (qclient: --raw): \(reason)",
        parameter: "messages")
    }
  }

  /// Refuses what the template would not see.
  private func check(_ conversation: Conversation, _ format: ChatFormat) throws(WireError) {
    if let stranger = conversation.options.members.first(where: { !format.variables.contains($0.name) }) {
      throw WireError(
        .badRequest,
        "the template of '\(model.id)' reads no variable '\(stranger.name.prefix(64))'; it reads "
          + format.variables.sorted().joined(separator: ", "),
        parameter: "template_options")
    }
    if !conversation.tools.isEmpty, !format.variables.contains("tools") {
      throw WireError(
        .badRequest, "the template of '\(model.id)' reads no tools", parameter: "tools")
    }
  }
}

extension PromptInput {
  /// The request's field that holds it.
  fileprivate var parameter: String {
    switch self {
    case .text, .tokens: "prompt"
    case .chat: "messages"
    }
  }
}

extension PromptText {
  /// Whether the template's last words open a thought.
  var opensThought: Bool {
    let blanks = Array(" \n\t".utf8)
    let end = bytes.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? 0
    let tag = Array(ReasoningSplitter.opening.utf8)
    guard end >= tag.count, bytes[..<end].suffix(tag.count).elementsEqual(tag) else { return false }
    return isTemplate(end - tag.count..<end)
  }
}
