import JSON
import Vocabulary

/// Asks which classes an image shows.
package struct ClassifyRequest: Sendable, Equatable {
  package static let allowedTop = 1...1000
  /// Predictions returned when a request does not say.
  package static let defaultTop = 5

  package var image: ImageInput
  /// How many of the likeliest classes to return.
  package var top: Int
  package var deadlineMilliseconds: Int?

  package init(image: ImageInput, top: Int = defaultTop, deadlineMilliseconds: Int? = nil) {
    self.image = image
    self.top = top
    self.deadlineMilliseconds = deadlineMilliseconds
  }

  init(_ fields: inout Fields) throws(WireError) {
    image = try ImageInput(required: &fields)
    top = try fields.integer("top", in: Self.allowedTop) ?? Self.defaultTop
    deadlineMilliseconds = try fields.integer("deadline_ms", in: GenerateRequest.Allowed.deadlineMilliseconds)
  }
}

/// Asks for the vector that stands for a text or an image.
package struct EmbedRequest: Sendable, Equatable {
  package enum Input: Sendable, Equatable {
    case text(String)
    case image(ImageInput)
  }
  package var input: Input
  package var deadlineMilliseconds: Int?

  package init(input: Input, deadlineMilliseconds: Int? = nil) {
    self.input = input
    self.deadlineMilliseconds = deadlineMilliseconds
  }

  init(_ fields: inout Fields) throws(WireError) {
    let text = try fields.string("text", bytes: 0...JSONLimits.lineBytes)
    let image = try ImageInput(&fields)
    deadlineMilliseconds = try fields.integer("deadline_ms", in: GenerateRequest.Allowed.deadlineMilliseconds)
    switch (text, image) {
    case (let text?, nil): input = .text(text)
    case (nil, let image?): input = .image(image)
    case (nil, nil), (.some, .some):
      throw WireError(.badRequest, "op 'embed' takes either 'text' or one image", parameter: "text")
    }
  }
}

/// Asks for the token ids of a text, or of the prompt that a conversation becomes.
package struct TokenizeRequest: Sendable, Equatable {
  /// Never ``PromptInput/tokens(_:)``.
  package var input: PromptInput
  /// Whether the tokens that open a prompt (beginning of sequence) are added to a text; a template writes its own.
  package var addsSpecial: Bool

  package init(text: String, special: Bool = false, addsSpecial: Bool = true) {
    self.init(.text(text, special: special), addsSpecial: addsSpecial)
  }

  package init(_ input: PromptInput, addsSpecial: Bool = true) {
    self.input = input
    self.addsSpecial = addsSpecial
  }

  init(_ fields: inout Fields) throws(WireError) {
    input = try PromptInput(&fields, field: "text", takesTokens: false)
    let adds = try fields.bool("add_special")
    if adds != nil, case .chat = input {
      throw WireError(
        .badRequest, "'add_special' is for 'text'; a template writes its own first token",
        parameter: "add_special")
    }
    addsSpecial = adds ?? true
  }
}

/// Asks for the text of token ids.
package struct DetokenizeRequest: Sendable, Equatable {
  static let allowedCount = 0...1_000_000

  package var tokens: [TokenID]

  package init(tokens: [TokenID]) {
    self.tokens = tokens
  }

  init(_ fields: inout Fields) throws(WireError) {
    tokens = try fields.required(fields.tokens("tokens", count: Self.allowedCount), "tokens")
  }
}
