import Vocabulary

/// One class of an image classification.
package struct Prediction: Sendable, Equatable {
  package var label: String
  /// The class's place in the model's output.
  package var index: Int
  /// 0...1; the probabilities of all classes sum to 1.
  package var probability: Double
  package var logit: Double

  package init(label: String, index: Int, probability: Double, logit: Double) {
    self.label = label
    self.index = index
    self.probability = probability
    self.logit = logit
  }
}

/// The likeliest classes, likeliest first.
package struct ClassifyResult: Sendable, Equatable {
  /// The version that answered: `name:version`.
  package var model: String
  package var predictions: [Prediction]
  package var timings: Timings

  package init(model: String, predictions: [Prediction], timings: Timings) {
    self.model = model
    self.predictions = predictions
    self.timings = timings
  }
}

/// The vector that stands for the input.
package struct EmbedResult: Sendable, Equatable {
  package var model: String
  package var embedding: [Float]
  /// Tokens of the text; nil for an image.
  package var usage: Usage?
  package var timings: Timings

  package init(model: String, embedding: [Float], usage: Usage? = nil, timings: Timings) {
    self.model = model
    self.embedding = embedding
    self.usage = usage
    self.timings = timings
  }
}

/// One token of a text.
package struct TokenizedPiece: Sendable, Equatable {
  package var id: TokenID
  /// Its text, or how a special token is written.
  package var text: String
  /// Whether it is a token of structure, which stands for itself and not for text.
  package var isSpecial: Bool

  package init(id: TokenID, text: String, isSpecial: Bool = false) {
    self.id = id
    self.text = text
    self.isSpecial = isSpecial
  }
}

/// The tokens of a text.
package struct TokenizeResult: Sendable, Equatable {
  package var model: String
  package var tokens: [TokenizedPiece]

  package init(model: String, tokens: [TokenizedPiece]) {
    self.model = model
    self.tokens = tokens
  }
}

/// The text of tokens.
package struct DetokenizeResult: Sendable, Equatable {
  package var model: String
  package var text: String

  package init(model: String, text: String) {
    self.model = model
    self.text = text
  }
}
