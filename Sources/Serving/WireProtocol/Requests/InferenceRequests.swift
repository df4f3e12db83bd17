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

/// Asks for the token ids of a text.
package struct TokenizeRequest: Sendable, Equatable {
  package var text: String
  /// Whether the tokens that open a prompt (beginning of sequence) are added.
  package var addsSpecial: Bool

  package init(text: String, addsSpecial: Bool = true) {
    self.text = text
    self.addsSpecial = addsSpecial
  }

  init(_ fields: inout Fields) throws(WireError) {
    text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
    addsSpecial = try fields.bool("add_special") ?? true
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
    let elements = try fields.required(fields.array("tokens", count: Self.allowedCount), "tokens")
    tokens = []
    for element in elements {
      guard case .integer(let number) = element, let token = TokenID(exactly: number) else {
        throw fields.mismatch("tokens", element, "integers in 0...\(Int32.max)")
      }
      tokens.append(token)
    }
  }
}
