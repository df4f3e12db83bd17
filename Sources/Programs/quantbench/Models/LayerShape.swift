import Architectures

/// A linear layer of a model that people run.
struct LayerShape {
  let model: String
  let layer: String
  let outputs: Int
  let inputs: Int

  var name: String { "\(model) \(layer) \(outputs)x\(inputs)" }

  /// The layers that take the time, joined as in a pack (q, k and v; gate and up).
  static let all: [LayerShape] = [
    LayerShape("deit-small", "qkv", 1_152, 384),
    LayerShape("deit-small", "up", 1_536, 384),
    LayerShape("deit-small", "down", 384, 1_536),
    LayerShape("vit-base", "qkv", 2_304, 768),
    LayerShape("vit-base", "up", 3_072, 768),
    LayerShape("vit-base", "down", 768, 3_072),
    LayerShape("smollm-135m", "qkv", 960, 576),
    LayerShape("smollm-135m", "gate_up", 3_072, 576),
    LayerShape("smollm-135m", "down", 576, 1_536),
    LayerShape("llama-3.2-1b", "qkv", 3_072, 2_048),
    LayerShape("llama-3.2-1b", "gate_up", 16_384, 2_048),
    LayerShape("llama-3.2-1b", "down", 2_048, 8_192),
  ]

  private init(_ model: String, _ layer: String, _ outputs: Int, _ inputs: Int) {
    (self.model, self.layer, self.outputs, self.inputs) = (model, layer, outputs, inputs)
  }

  /// Multiplications and additions for `rows` rows.
  func operations(rows: Int) -> Double { 2 * Double(rows) * Double(outputs) * Double(inputs) }
}

/// How a layer's weights are stored; activations have 8 bits either way.
enum RecipeName: String, CaseIterable {
  case w8a8, w4a8

  /// The format of most layers.
  var format: WeightFormat { self == .w8a8 ? .int8 : .int4 }
}
