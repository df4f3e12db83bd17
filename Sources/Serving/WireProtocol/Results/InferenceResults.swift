/// One class of an image classification.
public struct Prediction: Sendable, Equatable {
  public var label: String
  /// The class's place in the model's output.
  public var index: Int
  /// 0...1; the probabilities of all classes sum to 1.
  public var probability: Double
  public var logit: Double

  public init(label: String, index: Int, probability: Double, logit: Double) {
    self.label = label
    self.index = index
    self.probability = probability
    self.logit = logit
  }
}

/// The likeliest classes, likeliest first.
public struct ClassifyResult: Sendable, Equatable {
  /// The version that answered: `name:version`.
  public var model: String
  public var predictions: [Prediction]
  public var timings: Timings

  public init(model: String, predictions: [Prediction], timings: Timings) {
    self.model = model
    self.predictions = predictions
    self.timings = timings
  }
}

/// The vector that stands for the input.
public struct EmbedResult: Sendable, Equatable {
  public var model: String
  public var embedding: [Float]
  /// Tokens of the text; nil for an image.
  public var usage: Usage?
  public var timings: Timings

  public init(model: String, embedding: [Float], usage: Usage? = nil, timings: Timings) {
    self.model = model
    self.embedding = embedding
    self.usage = usage
    self.timings = timings
  }
}

/// One token of a text.
public struct TokenizedPiece: Sendable, Equatable {
  public var id: Int
  public var text: String

  public init(id: Int, text: String) {
    self.id = id
    self.text = text
  }
}

/// The tokens of a text.
public struct TokenizeResult: Sendable, Equatable {
  public var model: String
  public var tokens: [TokenizedPiece]

  public init(model: String, tokens: [TokenizedPiece]) {
    self.model = model
    self.tokens = tokens
  }
}

/// The text of tokens.
public struct DetokenizeResult: Sendable, Equatable {
  public var model: String
  public var text: String

  public init(model: String, text: String) {
    self.model = model
    self.text = text
  }
}
