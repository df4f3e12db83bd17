import Kernels
import Models
import TensorCore

/// Turns a float32 Llama into the tensors of a pack.
struct LlamaQuantizer {
  let configuration: LlamaConfiguration
  let options: QuantizationOptions
  /// What calibration saw, by layer name; empty without calibration data.
  let statistics: [String: ActivationStatistics]
  let pool: WorkerPool
  let tensor: (String) throws -> FloatTensor

  struct Output {
    var tensors: [PackTensor] = []
    /// Relative output error of each layer on the calibration sample, or of its weights without one.
    var errors: [String: Double] = [:]
  }

  func run() throws -> Output {
    var output = Output()
    let c = configuration
    let embedding = try tensor("model.embed_tokens.weight")
    try add(LlamaNames.embedding, embedding, bits: 8, to: &output)
    let head = c.tiedEmbeddings ? embedding : try tensor("lm_head.weight")
    if !c.tiedEmbeddings { try add(LlamaNames.head, head, bits: 8, to: &output) }
    if options.draftsHead(vocabulary: c.vocabulary) {
      try add(LlamaNames.draftHead, head, input: LlamaNames.head, bits: 4, to: &output)
    }
    for layer in 0..<c.layers { try addLayer(layer, to: &output) }
    output.tensors.append(PackTensor(LlamaNames.finalNorm, floats: try tensor("model.norm.weight").values))
    return output
  }

  private func addLayer(_ layer: Int, to output: inout Output) throws {
    let (prefix, bits) = ("model.layers.\(layer).", options.recipe.weightBits)
    func joined(_ names: [String]) throws -> FloatTensor {
      .joinRows(try names.map { try tensor(prefix + $0 + ".weight") })
    }
    let norms = [
      (LlamaNames.attentionNorm(layer), "input_layernorm"),
      (LlamaNames.feedForwardNorm(layer), "post_attention_layernorm"),
    ]
    for (name, source) in norms {
      output.tensors.append(PackTensor(name, floats: try tensor(prefix + source + ".weight").values))
    }
    let projections = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    try add(LlamaNames.queryKeyValue(layer), try joined(projections), bits: bits, to: &output)
    try add(LlamaNames.attentionOutput(layer), try joined(["self_attn.o_proj"]), bits: bits, to: &output)
    try add(LlamaNames.gateUp(layer), try joined(["mlp.gate_proj", "mlp.up_proj"]), bits: bits, to: &output)
    try add(LlamaNames.down(layer), try joined(["mlp.down_proj"]), bits: bits, to: &output)
  }

  /// - Parameter input: Whose statistics tell what the layer reads; its own without.
  private func add(
    _ name: String, _ weight: FloatTensor, input: String? = nil, bits: Int, to output: inout Output
  ) throws(QuantizationError) {
    let seen = statistics[input ?? name]
    let layer = QuantizedLayer(weight, bits: bits, importance: seen?.importance)
    output.tensors += layer.tensors(name)
    let error = error(of: layer, weight, input: seen?.sampleRows)
    guard error.isFinite else { throw .noFiniteForm(layer: name) }
    output.errors[name] = error
  }

  private func error(of layer: QuantizedLayer, _ weight: FloatTensor, input: FloatTensor?) -> Double {
    guard let input else { return LayerError.relative(weight.values, layer.dequantized.values) }
    return LayerError.relative(
      LayerError.product(input, weight, pool: pool), LayerError.product(input, layer.dequantized, pool: pool))
  }
}
