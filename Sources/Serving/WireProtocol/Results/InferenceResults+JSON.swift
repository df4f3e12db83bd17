import JSON
import Vocabulary

private let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

extension Prediction: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "label": .string(label), "index": .integer(index), "probability": .finite(probability),
      "logit": .finite(logit),
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a prediction")
    label = try fields.string("label", bytes: 0...4096) ?? ""
    index = try fields.required(fields.integer("index", in: 0...Int.max), "index")
    probability = try fields.number("probability", in: 0...1) ?? 0
    logit = try fields.number("logit", in: finite) ?? 0
  }
}

extension ClassifyResult: JSONRepresentable {
  package var json: JSONValue {
    ["model": .string(model), "predictions": predictions.json, "timings": timings.json]
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a classification")
    model = try fields.string("model", bytes: 0...1024) ?? ""
    let elements = try fields.required(fields.array("predictions", count: 0...1_000_000), "predictions")
    predictions = try [Prediction](json: elements)
    timings = try Timings(json: fields.value("timings") ?? [:])
  }
}

extension EmbedResult: JSONRepresentable {
  /// Components are written with as many digits as a `Float` needs to come back unchanged.
  package var json: JSONValue {
    .members([
      "model": .string(model), "embedding": .array(embedding.map { .number(Double($0.description) ?? 0) }),
      "usage": usage?.json, "timings": timings.json,
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "an embedding")
    model = try fields.string("model", bytes: 0...1024) ?? ""
    embedding = []
    for element in try fields.required(fields.array("embedding", count: 0...1_000_000), "embedding") {
      guard let component = element.doubleValue else {
        throw fields.mismatch("embedding", element, "numbers")
      }
      embedding.append(Float(component))
    }
    usage = nil
    if let value = fields.value("usage") { usage = try Usage(json: value) }
    timings = try Timings(json: fields.value("timings") ?? [:])
  }
}

extension TokenizedPiece: JSONRepresentable {
  package var json: JSONValue {
    .members([
      "id": .integer(id.index), "text": .string(text), "special": isSpecial ? true : nil,
    ])
  }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a token")
    id = try fields.required(fields.token("id"), "id")
    text = try fields.string("text", bytes: 0...JSONLimits.lineBytes) ?? ""
    isSpecial = try fields.bool("special") ?? false
  }
}

extension TokenizeResult: JSONRepresentable {
  package var json: JSONValue { ["model": .string(model), "tokens": tokens.json] }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a tokenization")
    model = try fields.string("model", bytes: 0...1024) ?? ""
    tokens = try [TokenizedPiece](json: fields.required(fields.array("tokens", count: 0...Int.max), "tokens"))
  }
}

extension DetokenizeResult: JSONRepresentable {
  package var json: JSONValue { ["model": .string(model), "text": .string(text)] }

  package init(json: JSONValue) throws(WireError) {
    var fields = try Fields(json, context: "a text")
    model = try fields.string("model", bytes: 0...1024) ?? ""
    text = try fields.required(fields.string("text", bytes: 0...JSONLimits.lineBytes), "text")
  }
}
