import Architectures
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

    init(_ index: Int, epsilon: Float, _ loader: TensorLoader) throws(ModelError) {
      attentionNorm = try loader.norm(.attentionNorm, index, epsilon: epsilon)
      queryKeyValue = try loader.staticLinear(.queryKeyValue, index)
      attentionOutput = try loader.staticLinear(.attentionOutput, index)
      feedForwardNorm = try loader.norm(.feedForwardNorm, index, epsilon: epsilon)
      up = try loader.staticLinear(.up, index)
      down = try loader.staticLinear(.down, index)
      hidden = GELUInput(down.input)
    }
  }

  let patches: StaticLinear
  let classToken: TensorView
  let positions: TensorView
  let blocks: HeldObjects<Block>
  let finalNorm: Norm
  let head: StaticLinear

  init(layers count: Int, epsilon: Float, _ loader: TensorLoader) throws(ModelError) {
    patches = try loader.staticLinear(.patches)
    classToken = try loader.floats(.classToken)[0]
    positions = try loader.floats(.positions)[0]
    var blocks: [Block] = []
    for index in 0..<count { blocks.append(try Block(index, epsilon: epsilon, loader)) }
    self.blocks = HeldObjects(blocks)
    finalNorm = try loader.norm(.finalNorm, epsilon: epsilon)
    head = try loader.staticLinear(.head)
  }
}

extension TensorLoader {
  fileprivate func norm(
    _ role: TensorRole, _ layer: Int? = nil, epsilon: Float
  ) throws(ModelError) -> ViTWeights.Norm {
    let parts = try floats(role, layer)
    return ViTWeights.Norm(weight: parts[0], bias: parts[1], epsilon: epsilon)
  }

  fileprivate func staticLinear(
    _ role: TensorRole, _ index: Int? = nil
  ) throws(ModelError) -> ViTWeights.StaticLinear {
    let row = table[role, index]
    let layer = try linear(row)
    let activation = try floats(row.activationName, [2]).pointer(to: Float.self)
    let (scale, zero) = (activation[0], activation[1])
    guard scale > 0, (1 / scale).isFinite, (0...255).contains(zero), zero == zero.rounded() else {
      throw .badLayer(
        name: row.name,
        reason: "its input scale is \(scale) and zero point \(zero), not positive and in 0…255.")
    }
    let input = StaticInput(scale: scale, zero: Int(zero), form: layer.form)
    return ViTWeights.StaticLinear(layer: layer, input: input)
  }
}
