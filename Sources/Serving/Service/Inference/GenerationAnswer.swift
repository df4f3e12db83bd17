import Engine
import Synchronization
import Tokenizers
import Vocabulary
import WireProtocol

/// Turns the engine's pieces into the events of one answer; used on the engine's thread.
final class GenerationAnswer: Sendable {
  private let id: RequestID
  private let model: String
  private let request: GenerateRequest
  private let tokenizer: Tokenizer
  private let seed: UInt64
  private let state: Mutex<State>

  /// What changes as the answer grows. Text and tokens are for a client that gets them at the end instead of streaming.
  private struct State {
    var splitter: ReasoningSplitter?
    var text = ""
    var reasoning = ""
    var tokens: [TokenEvent] = []

    /// A part without text, of the kind that comes next.
    var emptyPart: ReasoningSplitter.Part { splitter?.isThinking == true ? .reasoning("") : .answer("") }
  }

  init(
    _ id: RequestID, model: String, _ request: GenerateRequest, _ tokenizer: Tokenizer, seed: UInt64,
    reasoning: PreparedPrompt.Reasoning?
  ) {
    self.id = id
    self.model = model
    self.request = request
    self.tokenizer = tokenizer
    self.seed = seed
    var state = State()
    state.splitter = reasoning.map { ReasoningSplitter(isThinking: $0 == .isOpen) }
    if request.echo, case .text(let prompt, _) = request.input { state.text = prompt }
    self.state = Mutex(state)
  }

  /// The events of a piece, if the request streams.
  func events(for piece: GeneratedPiece) -> [Event] {
    let wantsTokens = request.logprobs > 0
    return state.withLock { state in
      let parts = Self.parts(of: piece.text, &state)
      var tokens = parts.isEmpty && wantsTokens ? [event(piece, state.emptyPart)] : []
      for (index, part) in parts.enumerated() {
        // Of several parts the first stands for the token.
        tokens.append(
          index == 0 ? event(piece, part) : (part, TokenEvent(text: part.text, index: piece.index)))
      }
      return deliver(tokens, &state, keepsTokens: wantsTokens)
    }
  }

  /// The text that was held back to the end.
  func rest(_ summary: GenerationSummary) -> [Event] {
    state.withLock { state in
      var parts = Self.parts(of: summary.rest, &state)
      parts += state.splitter?.finish() ?? []
      let tokens = parts.map { ($0, TokenEvent(text: $0.text, index: summary.usage.completionTokens)) }
      return deliver(tokens, &state, keepsTokens: false)
    }
  }

  func done(_ summary: GenerationSummary) -> Event {
    if summary.reason == .shutdown { return .error(id, WireError(.shutdown)) }
    return state.withLock { state in
      Event(
        id: id,
        .done(
          DoneEvent(
            finishReason: summary.reason, text: request.stream ? nil : state.text,
            reasoning: state.reasoning.isEmpty ? nil : state.reasoning, usage: summary.usage,
            timings: Timings(summary.timings), model: model, seed: seed, tokens: state.tokens)))
    }
  }

  private static func parts(of text: String, _ state: inout State) -> [ReasoningSplitter.Part] {
    guard !text.isEmpty else { return [] }
    return state.splitter?.append(text) ?? [.answer(text)]
  }

  /// Sends what was made, or keeps it for the end.
  private func deliver(
    _ tokens: [(part: ReasoningSplitter.Part, event: TokenEvent)], _ state: inout State, keepsTokens: Bool
  ) -> [Event] {
    if request.stream { return tokens.map { Event(id: id, $0.part.body($0.event)) } }
    for (part, event) in tokens {
      switch part {
      case .answer(let text): state.text += text
      case .reasoning(let text): state.reasoning += text
      }
      if keepsTokens { state.tokens.append(event) }
    }
    return []
  }

  private func event(
    _ piece: GeneratedPiece, _ part: ReasoningSplitter.Part
  ) -> (part: ReasoningSplitter.Part, event: TokenEvent) {
    let alternatives = piece.alternatives.map {
      TokenEvent.Alternative(text: text(of: $0.token), token: $0.token, logprob: Double($0.logprob))
    }
    return (
      part,
      TokenEvent(
        text: part.text, index: piece.index, token: piece.token, logprob: piece.logprob.map(Double.init),
        alternatives: alternatives)
    )
  }

  private func text(of token: TokenID) -> String {
    String(decoding: tokenizer.bytes(of: token), as: UTF8.self)
  }
}

extension ReasoningSplitter.Part {
  fileprivate var text: String {
    switch self {
    case .answer(let text), .reasoning(let text): text
    }
  }

  fileprivate func body(_ event: TokenEvent) -> Event.Body {
    switch self {
    case .answer: .token(event)
    case .reasoning: .reasoning(event)
    }
  }
}
