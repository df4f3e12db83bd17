import Kernels
import TensorCore

/// The float32 Vision Transformer: what quantized packs are measured against and calibrated with.
package struct FloatViT {
  package let configuration: ViTConfiguration
  private let weights: [String: FloatTensor]
  private let layers: FloatLayers

  /// - Parameter tensor: The checkpoint's tensors by their Hugging Face names.
  package init(
    _ configuration: ViTConfiguration, pool: WorkerPool, tensor: (String) throws -> FloatTensor
  ) throws {
    self.configuration = configuration
    layers = FloatLayers(pool: pool)
    var weights: [String: FloatTensor] = [:]
    for name in Self.tensorNames(configuration) { weights[name] = try tensor(name) }
    self.weights = weights
  }

  /// The tensors of a checkpoint, in order.
  package static func tensorNames(_ c: ViTConfiguration) -> [String] {
    let projections = ["query", "key", "value"]
    let parts =
      ["layernorm_before.weight", "layernorm_before.bias", "layernorm_after.weight", "layernorm_after.bias"]
      + projections.map { "attention.attention.\($0).weight" }
      + (c.queryKeyValueBias ? projections.map { "attention.attention.\($0).bias" } : [])
      + ["attention.output.dense", "intermediate.dense", "output.dense"].flatMap {
        ["\($0).weight", "\($0).bias"]
      }
    let blocks = (0..<c.layers).flatMap { layer in parts.map { "vit.encoder.layer.\(layer).\($0)" } }
    let embeddings = [
      "cls_token", "position_embeddings", "patch_embeddings.projection.weight",
      "patch_embeddings.projection.bias",
    ].map { "vit.embeddings.\($0)" }
    return embeddings + blocks + [
      "vit.layernorm.weight", "vit.layernorm.bias", "classifier.weight", "classifier.bias",
    ]
  }

  /// The hidden states of a pass over one image, for tests against stored references.
  package struct Trace {
    package var embeddings: FloatTensor
    package var blocks: [FloatTensor]
    package var norm: FloatTensor
    /// `[1, classes]`.
    package var logits: FloatTensor
  }

  /// Logits of one normalized image, `[channels, imageSize, imageSize]`.
  package func logits(_ image: [Float], hooks: ReferenceHooks = ReferenceHooks()) -> [Float] {
    trace(image, hooks: hooks).logits.values
  }

  /// As ``logits(_:hooks:)``, with every block's output.
  package func trace(_ image: [Float], hooks: ReferenceHooks = ReferenceHooks()) -> Trace {
    let embedded = embed(image, hooks)
    var (x, blocks) = (embedded, [FloatTensor]())
    for layer in 0..<configuration.layers {
      x = layers.add(x, attend(layer, x, hooks))
      x = layers.add(x, feedForward(layer, x, hooks))
      blocks.append(x)
    }
    let final = norm(x, "vit.layernorm")
    let token = FloatTensor(shape: [1, configuration.width], values: Array(final.row(0)))
    hooks.input?(ViTNames.head, token)
    let logits = layers.linear(token, weight("classifier.weight"), bias: weight("classifier.bias"))
    return Trace(embeddings: embedded, blocks: blocks, norm: final, logits: logits)
  }

  private func embed(_ image: [Float], _ hooks: ReferenceHooks) -> FloatTensor {
    let c = configuration
    var rows = FloatTensor(
      shape: [c.patches, c.patchValues], values: [Float](repeating: 0, count: c.patches * c.patchValues))
    image.withUnsafeBufferPointer { image in
      rows.values.withUnsafeMutableBufferPointer {
        for patch in 0..<c.patches {
          c.patchGrid.extract(
            patch, of: .planes(image.baseAddress!), to: $0.baseAddress! + patch * c.patchValues)
        }
      }
    }
    hooks.input?(ViTNames.patches, rows)
    let kernel = FloatTensor(
      shape: [c.width, c.patchValues],
      values: weight("vit.embeddings.patch_embeddings.projection.weight").values)
    let patches = layers.linear(rows, kernel, bias: weight("vit.embeddings.patch_embeddings.projection.bias"))
    let tokens = FloatTensor(
      shape: [c.tokens, c.width], values: weight("vit.embeddings.cls_token").values + patches.values)
    return layers.add(tokens, weight("vit.embeddings.position_embeddings"))
  }

  private func attend(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let (c, prefix) = (configuration, "vit.encoder.layer.\(layer).")
    let input = norm(x, prefix + "layernorm_before")
    hooks.input?(ViTNames.queryKeyValue(layer), input)
    func project(_ name: String) -> FloatTensor {
      let full = prefix + "attention.attention." + name
      return layers.linear(
        input, weight(full + ".weight"), bias: c.queryKeyValueBias ? weight(full + ".bias") : nil)
    }
    let inputs = AttentionInputs(
      layer: layer, queries: project("query"), keys: project("key"), values: project("value"), heads: c.heads,
      keyValueHeads: c.heads, headSize: c.headSize, causal: false)
    let attended = hooks.attention?(inputs) ?? layers.attention(inputs)
    hooks.input?(ViTNames.attentionOutput(layer), attended)
    return linear(attended, prefix + "attention.output.dense")
  }

  private func feedForward(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let prefix = "vit.encoder.layer.\(layer)."
    let input = norm(x, prefix + "layernorm_after")
    hooks.input?(ViTNames.up(layer), input)
    let hidden = layers.mapRows(linear(input, prefix + "intermediate.dense")) { _, values, output in
      GELUKernel.best(values, output, count: configuration.hidden)
    }
    hooks.input?(ViTNames.down(layer), hidden)
    return linear(hidden, prefix + "output.dense")
  }

  private func linear(_ x: FloatTensor, _ name: String) -> FloatTensor {
    layers.linear(x, weight(name + ".weight"), bias: weight(name + ".bias"))
  }

  private func norm(_ x: FloatTensor, _ name: String) -> FloatTensor {
    let (factors, offsets) = (weight(name + ".weight").values, weight(name + ".bias").values)
    return layers.mapRows(x) { _, values, output in
      LayerNormKernel.best(
        values, weight: factors, bias: offsets, output, count: factors.count,
        epsilon: configuration.layerNormEpsilon)
    }
  }

  private func weight(_ name: String) -> FloatTensor {
    guard let tensor = weights[name] else { preconditionFailure("FloatViT: no tensor '\(name)'") }
    return tensor
  }
}
