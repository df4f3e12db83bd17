import Kernels
import TensorCore

/// A Vision Transformer's weights as the kernels read them: views into the mapped pack.
struct ViTWeights {
  /// A layer with the static quantization of its input.
  struct StaticLinear {
    let layer: LinearLayer
    let scale: Float
    let zero: Int
  }

  struct Norm {
    let weight: TensorView
    let bias: TensorView
  }

  struct Block {
    let attentionNorm: Norm
    let queryKeyValue: StaticLinear
    let attentionOutput: StaticLinear
    let feedForwardNorm: Norm
    let up: StaticLinear
    let down: StaticLinear
  }

  let patches: StaticLinear
  let classToken: TensorView
  let positions: TensorView
  let blocks: [Block]
  let finalNorm: Norm
  let head: StaticLinear

  init(_ c: ViTConfiguration, _ loader: TensorLoader) throws(ModelError) {
    patches = try loader.staticLinear(ViTNames.patches, outputs: c.width, inputs: c.patchValues)
    classToken = try loader.floats(ViTNames.classToken, [c.width])
    positions = try loader.floats(ViTNames.positions, [c.tokens, c.width])
    var blocks: [Block] = []
    for index in 0..<c.layers { blocks.append(try Self.block(index, c, loader)) }
    self.blocks = blocks
    finalNorm = try loader.norm(ViTNames.finalNorm, c.width)
    head = try loader.staticLinear(ViTNames.head, outputs: c.classes, inputs: c.width)
  }

  private static func block(
    _ index: Int, _ c: ViTConfiguration, _ loader: TensorLoader
  ) throws(ModelError) -> Block {
    Block(
      attentionNorm: try loader.norm(ViTNames.attentionNorm(index), c.width),
      queryKeyValue: try loader.staticLinear(
        ViTNames.queryKeyValue(index), outputs: 3 * c.width, inputs: c.width),
      attentionOutput: try loader.staticLinear(
        ViTNames.attentionOutput(index), outputs: c.width, inputs: c.width),
      feedForwardNorm: try loader.norm(ViTNames.feedForwardNorm(index), c.width),
      up: try loader.staticLinear(ViTNames.up(index), outputs: c.hidden, inputs: c.width),
      down: try loader.staticLinear(ViTNames.down(index), outputs: c.width, inputs: c.hidden))
  }
}

extension TensorLoader {
  fileprivate func norm(_ name: String, _ width: Int) throws(ModelError) -> ViTWeights.Norm {
    ViTWeights.Norm(weight: try floats(name + ".weight", [width]), bias: try floats(name + ".bias", [width]))
  }

  fileprivate func staticLinear(
    _ name: String, outputs: Int, inputs: Int
  ) throws(ModelError) -> ViTWeights.StaticLinear {
    let layer = try linear(name, outputs: outputs, inputs: inputs, bias: true)
    let activation = try floats(name + ".activation", [2]).pointer(to: Float.self)
    let (scale, zero) = (activation[0], activation[1])
    guard scale > 0, (1 / scale).isFinite, (0...255).contains(zero), zero == zero.rounded() else {
      throw .badLayer(
        name: name, reason: "its input scale is \(scale) and zero point \(zero), not positive and in 0…255.")
    }
    return ViTWeights.StaticLinear(layer: layer, scale: scale, zero: Int(zero))
  }
}
