import Kernels
import TensorCore

/// The float32 Llama: what quantized packs are measured against and calibrated with.
///
/// It computes a whole sequence at a time and keeps no cache.
package struct FloatLlama {
  package let configuration: LlamaConfiguration
  private let weights: [String: FloatTensor]
  private let layers: FloatLayers
  private let rotary: RotaryTable

  /// - Parameter tensor: The checkpoint's tensors by their Hugging Face names.
  package init(
    _ configuration: LlamaConfiguration, pool: WorkerPool, tensor: (String) throws -> FloatTensor
  ) throws {
    self.configuration = configuration
    layers = FloatLayers(pool: pool)
    rotary = RotaryTable(configuration)
    var weights: [String: FloatTensor] = [:]
    for name in Self.tensorNames(configuration) { weights[name] = try tensor(name) }
    self.weights = weights
  }

  /// The tensors of a checkpoint, in order.
  package static func tensorNames(_ c: LlamaConfiguration) -> [String] {
    let parts = [
      "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
      "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
    ]
    let blocks = (0..<c.layers).flatMap { layer in parts.map { "model.layers.\(layer).\($0).weight" } }
    return ["model.embed_tokens.weight"] + blocks + ["model.norm.weight"]
      + (c.tiedEmbeddings ? [] : ["lm_head.weight"])
  }

  /// Logits `[tokens, vocabulary]` at every position of `tokens`.
  package func logits(_ tokens: [Int], hooks: ReferenceHooks = ReferenceHooks()) -> FloatTensor {
    var x = embed(tokens)
    for layer in 0..<configuration.layers {
      x = layers.add(x, attend(layer, x, hooks))
      x = layers.add(x, feedForward(layer, x, hooks))
    }
    let final = norm(x, "model.norm.weight")
    hooks.input?(LlamaNames.head, final)
    return layers.linear(
      final, weight(configuration.tiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"))
  }

  private func embed(_ tokens: [Int]) -> FloatTensor {
    let table = weight("model.embed_tokens.weight")
    return FloatTensor(
      shape: [tokens.count, configuration.width], values: tokens.flatMap { table.row($0) })
  }

  private func attend(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let (c, prefix) = (configuration, "model.layers.\(layer).")
    let input = norm(x, prefix + "input_layernorm.weight")
    hooks.input?(LlamaNames.queryKeyValue(layer), input)
    let inputs = AttentionInputs(
      layer: layer,
      queries: rotate(layers.linear(input, weight(prefix + "self_attn.q_proj.weight")), c.heads),
      keys: rotate(layers.linear(input, weight(prefix + "self_attn.k_proj.weight")), c.keyValueHeads),
      values: layers.linear(input, weight(prefix + "self_attn.v_proj.weight")), heads: c.heads,
      keyValueHeads: c.keyValueHeads, headSize: c.headSize, causal: true)
    let attended = hooks.attention?(inputs) ?? layers.attention(inputs)
    hooks.input?(LlamaNames.attentionOutput(layer), attended)
    return layers.linear(attended, weight(prefix + "self_attn.o_proj.weight"))
  }

  private func feedForward(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let prefix = "model.layers.\(layer)."
    let input = norm(x, prefix + "post_attention_layernorm.weight")
    hooks.input?(LlamaNames.gateUp(layer), input)
    let gate = layers.linear(input, weight(prefix + "mlp.gate_proj.weight"))
    let up = layers.linear(input, weight(prefix + "mlp.up_proj.weight"))
    let gated = up.values.withUnsafeBufferPointer { up in
      layers.mapRows(gate) { row, values, output in
        SiLUGateKernel.best(
          gate: values, up: up.baseAddress! + row * configuration.hidden, output, count: configuration.hidden)
      }
    }
    hooks.input?(LlamaNames.down(layer), gated)
    return layers.linear(gated, weight(prefix + "mlp.down_proj.weight"))
  }

  private func norm(_ x: FloatTensor, _ name: String) -> FloatTensor {
    let (width, epsilon) = (configuration.width, configuration.rmsNormEpsilon)
    return weight(name).values.withUnsafeBufferPointer { factors in
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

  private func weight(_ name: String) -> FloatTensor {
    guard let tensor = weights[name] else { preconditionFailure("FloatLlama: no tensor '\(name)'") }
    return tensor
  }
}
