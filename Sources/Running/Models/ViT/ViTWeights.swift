import Kernels
import TensorCore

/// A Vision Transformer's weights as the kernels read them: views into the mapped pack.
struct ViTWeights {
  /// A layer with the static quantization of its input.
  struct StaticLinear {
    let layer: LinearLayer
    let input: StaticInput
  }

  struct Norm {
    let weight: TensorView
    let bias: TensorView
    let epsilon: Float

    var constants: LayerNormConstants {
      LayerNormConstants(
        weight: weight.pointer(to: Float.self), bias: bias.pointer(to: Float.self), epsilon: epsilon)
    }
  }

  /// One transformer layer.
  final class Block {
    let attentionNorm: Norm
    let queryKeyValue: StaticLinear
    let attentionOutput: StaticLinear
    let feedForwardNorm: Norm
    let up: StaticLinear
    /// What `up` gives and `down` reads.
    let hidden: GELUInput
    let down: StaticLinear

    init(_ index: Int, _ c: ViTConfiguration, _ loader: TensorLoader) throws(ModelError) {
      attentionNorm = try loader.norm(ViTNames.attentionNorm(index), c)
      queryKeyValue = try loader.staticLinear(
        ViTNames.queryKeyValue(index), outputs: 3 * c.width, inputs: c.width)
      attentionOutput = try loader.staticLinear(
        ViTNames.attentionOutput(index), outputs: c.width, inputs: c.width)
      feedForwardNorm = try loader.norm(ViTNames.feedForwardNorm(index), c)
      up = try loader.staticLinear(ViTNames.up(index), outputs: c.hidden, inputs: c.width)
      down = try loader.staticLinear(ViTNames.down(index), outputs: c.width, inputs: c.hidden)
      hidden = GELUInput(down.input)
    }
  }

  let patches: StaticLinear
  let classToken: TensorView
  let positions: TensorView
  let blocks: HeldObjects<Block>
  let finalNorm: Norm
  let head: StaticLinear

  init(_ c: ViTConfiguration, _ loader: TensorLoader) throws(ModelError) {
    patches = try loader.staticLinear(ViTNames.patches, outputs: c.width, inputs: c.patchValues)
    classToken = try loader.floats(ViTNames.classToken, [c.width])
    positions = try loader.floats(ViTNames.positions, [c.tokens, c.width])
    var blocks: [Block] = []
    for index in 0..<c.layers { blocks.append(try Block(index, c, loader)) }
    self.blocks = HeldObjects(blocks)
    finalNorm = try loader.norm(ViTNames.finalNorm, c)
    head = try loader.staticLinear(ViTNames.head, outputs: c.classes, inputs: c.width)
  }
}

extension TensorLoader {
  fileprivate func norm(_ name: String, _ c: ViTConfiguration) throws(ModelError) -> ViTWeights.Norm {
    ViTWeights.Norm(
      weight: try floats(name + ".weight", [c.width]), bias: try floats(name + ".bias", [c.width]),
      epsilon: c.layerNormEpsilon)
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
    let input = StaticInput(scale: scale, zero: Int(zero), form: layer.form)
    return ViTWeights.StaticLinear(layer: layer, input: input)
  }
}
