import Architectures
import Kernels
import Models
import TensorCore

/// The float32 decoder: what quantized packs are measured against and calibrated with.
///
/// It computes a whole sequence at a time and keeps no cache.
package struct FloatDecoder {
  package let configuration: DecoderConfiguration
  private let weights: FloatWeights
  private let layers: FloatLayers
  private let rotary: RotaryTable

  /// - Parameter tensor: The checkpoint's tensors by their canonical names.
  package init(
    _ configuration: DecoderConfiguration, pool: WorkerPool, tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    self.configuration = configuration
    layers = FloatLayers(pool: pool)
    rotary = RotaryTable(configuration)
    weights = try FloatWeights(configuration.tensorTable, tensor: tensor)
  }

  /// Logits `[tokens, vocabulary]` at every position of `tokens`.
  package func logits(_ tokens: [Int], hooks: ReferenceHooks = ReferenceHooks()) -> FloatTensor {
    var x = embed(tokens)
    for layer in 0..<configuration.layers {
      x = layers.add(x, attend(layer, x, hooks))
      x = layers.add(x, feedForward(layer, x, hooks))
    }
    let final = norm(x, .finalNorm)
    hooks.input?(TensorRow.name(.head), final)
    return layers.linear(final, weights, weights.table.outputProjection)
  }

  private func embed(_ tokens: [Int]) -> FloatTensor {
    let table = weights.vector(.embedding)
    return FloatTensor(
      shape: [tokens.count, configuration.width], values: tokens.flatMap { table.row($0) })
  }

  private func attend(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let c = configuration
    let (joined, output) = (weights.table[.queryKeyValue, layer], weights.table[.attentionOutput, layer])
    let input = norm(x, .attentionNorm, layer)
    hooks.input?(joined.name, input)
    let inputs = AttentionInputs(
      layer: layer, queries: rotate(layers.linear(input, weights, joined, part: 0), c.heads),
      keys: rotate(layers.linear(input, weights, joined, part: 1), c.keyValueHeads),
      values: layers.linear(input, weights, joined, part: 2), heads: c.heads,
      keyValueHeads: c.keyValueHeads, headSize: c.headSize, causal: true)
    let attended = hooks.attention?(inputs) ?? layers.attention(inputs)
    hooks.input?(output.name, attended)
    return layers.linear(attended, weights, output)
  }

  private func feedForward(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let (joined, down) = (weights.table[.gateUp, layer], weights.table[.down, layer])
    let input = norm(x, .feedForwardNorm, layer)
    hooks.input?(joined.name, input)
    let gate = layers.linear(input, weights, joined, part: 0)
    let up = layers.linear(input, weights, joined, part: 1)
    let gated = up.values.withUnsafeBufferPointer { up in
      layers.mapRows(gate) { row, values, output in
        SiLUGateKernel.best(
          gate: values, up: up.baseAddress! + row * configuration.hidden, output, count: configuration.hidden)
      }
    }
    hooks.input?(down.name, gated)
    return layers.linear(gated, weights, down)
  }

  private func norm(_ x: FloatTensor, _ role: TensorRole, _ layer: Int? = nil) -> FloatTensor {
    let (width, epsilon) = (configuration.width, configuration.normEpsilon)
    return weights.norm(role, layer).weight.withUnsafeBufferPointer { factors in
      layers.mapRows(x) { _, values, output in
        RMSNormKernel.best(
          values, weight: factors.baseAddress!, output, count: width, epsilon: epsilon)
      }
    }
  }

  private func rotate(_ x: FloatTensor, _ heads: Int) -> FloatTensor {
    layers.mapRows(x) { position, values, output in
      output.update(from: values, count: x.shape[1])
      RotaryKernel.best(
        output, cosines: rotary.cosines(at: position), sines: rotary.sines(at: position), heads: heads,
        d: configuration.headSize)
    }
  }
}
