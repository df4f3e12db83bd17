import Architectures
import Kernels
import Models
import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

/// The float32 decoder: what quantized packs are measured against and calibrated with.
///
/// It computes a whole sequence at a time and keeps no cache.
package struct FloatDecoder {
  package let configuration: DecoderConfiguration
  let weights: FloatWeights
  let layers: FloatLayers
  /// The tables of usual and of local layers.
  private let rotary: [LayerRotary: RotaryTable]

  /// - Parameters:
  ///   - tensor: The checkpoint's tensors by their canonical names.
  ///   - limit: Bytes of float32 up to which the weights are held; see ``FloatWeights``.
  package init(
    _ configuration: DecoderConfiguration, pool: WorkerPool, limit: Int = FloatWeights.heldLimit,
    tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    self.configuration = configuration
    layers = FloatLayers(pool: pool)
    let kinds = Set((0..<configuration.layers).map(configuration.rotary)).subtracting([.none])
    rotary = Dictionary(uniqueKeysWithValues: kinds.map { ($0, RotaryTable(configuration, $0)) })
    weights = try FloatWeights(configuration.tensorTable, limit: limit, tensor: tensor)
  }

  /// Logits `[tokens, vocabulary]` at every position of `tokens`.
  package func logits(_ tokens: [Int], hooks: ReferenceHooks = ReferenceHooks()) -> FloatTensor {
    var x = embed(tokens)
    for layer in 0..<configuration.layers {
      for branch in DecoderBranch.allCases {
        let rows = branch.rows(weights.table, layer)
        let input = branchInput(x, branch, layer)
        hooks.input?(rows.reading.name, input)
        let inner = inner(branch, layer, input, hooks)
        hooks.input?(rows.writing.name, inner)
        x = layers.add(x, branchOutput(inner, branch, layer))
      }
    }
    let final = finalState(norm(x, .finalNorm), hooks)
    hooks.input?(TensorRow.name(.head), final)
    return capped(layers.linear(final, weights, weights.table.outputProjection))
  }

  /// What the head reads: the normed stream, and what the head matrix makes of it where the model has one.
  private func finalState(_ normed: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    guard let matrix = weights.table.find(.headMatrix) else { return normed }
    hooks.input?(matrix.name, normed)
    return layers.add(normed, layers.linear(normed, weights, matrix))
  }

  /// The stream before the first layer.
  func embed(_ tokens: [Int]) -> FloatTensor {
    let table = weights.vector(.embedding)
    let rows = FloatTensor(
      shape: [tokens.count, configuration.width], values: tokens.flatMap { table.row($0) })
    return layers.scale(rows, by: configuration.embeddingScale)
  }

  private func capped(_ logits: FloatTensor) -> FloatTensor {
    var scaled = layers.scale(logits, by: configuration.logitScale)
    guard let cap = configuration.logitSoftCap else { return scaled }
    for index in scaled.values.indices { scaled.values[index] = cap * tanhf(scaled.values[index] / cap) }
    return scaled
  }

  /// What a branch reads: the stream, normed where the family norms it.
  func branchInput(_ x: FloatTensor, _ branch: DecoderBranch, _ layer: Int) -> FloatTensor {
    configuration.branchNorms.hasInput ? norm(x, branch.norms.input, layer) : x
  }

  /// What the second projection of a branch reads, computed from what its first reads.
  func inner(
    _ branch: DecoderBranch, _ layer: Int, _ input: FloatTensor, _ hooks: ReferenceHooks
  ) -> FloatTensor {
    let joined = branch.rows(weights.table, layer).reading
    switch branch {
    case .attention: return attend(layer, input, joined, hooks)
    case .feedForward:
      return mixed(
        activate(
          layers.linear(input, weights, joined, part: 0), layers.linear(input, weights, joined, part: 1)))
    }
  }

  /// What a branch adds to the stream, computed from what its second projection reads.
  func branchOutput(_ inner: FloatTensor, _ branch: DecoderBranch, _ layer: Int) -> FloatTensor {
    let x = layers.linear(inner, weights, branch.rows(weights.table, layer).writing)
    let normed = configuration.branchNorms.hasOutput ? norm(x, branch.norms.output, layer) : x
    return layers.scale(normed, by: configuration.residualScale)
  }

  private func attend(
    _ layer: Int, _ input: FloatTensor, _ joined: TensorRow, _ hooks: ReferenceHooks
  ) -> FloatTensor {
    let c = configuration
    func heads(_ part: Int, _ count: Int, _ role: TensorRole) -> FloatTensor {
      rotate(normHeads(layers.linear(input, weights, joined, part: part), role, layer), count, layer)
    }
    let inputs = AttentionInputs(
      layer: layer, queries: heads(0, c.heads, .queryNorm), keys: heads(1, c.keyValueHeads, .keyNorm),
      values: layers.linear(input, weights, joined, part: 2), heads: c.heads,
      keyValueHeads: c.keyValueHeads, headSize: c.headSize, causal: true,
      rule: AttentionRule(
        scale: c.attentionScale, softCap: c.attentionSoftCap, window: c.window(ofLayer: layer)))
    return hooks.attention?(inputs) ?? layers.attention(inputs)
  }

  /// The Hadamard transform of what `down` reads, where the model has one.
  private func mixed(_ x: FloatTensor) -> FloatTensor {
    guard configuration.downHadamard > 1 else { return x }
    var result = x
    HadamardKernel.best(&result.values, count: x.values.count, mixed: configuration.downHadamard)
    return result
  }

  /// `activation(gate) · up`
  private func activate(_ gate: FloatTensor, _ up: FloatTensor) -> FloatTensor {
    let isSiLU = configuration.feedForward == .gatedSiLU
    return up.values.withUnsafeBufferPointer { up in
      layers.mapRows(gate) { row, values, output in
        let (other, count) = (up.baseAddress! + row * configuration.hidden, configuration.hidden)
        if isSiLU {
          SiLUGateKernel.best(gate: values, up: other, output, count: count)
        } else {
          GELUTanhGateKernel.best(gate: values, up: other, output, count: count)
        }
      }
    }
  }

  private func normHeads(_ x: FloatTensor, _ role: TensorRole, _ layer: Int) -> FloatTensor {
    configuration.queryKeyNorm == .none ? x : norm(x, role, layer)
  }

  /// Norms runs of as many channels as there are factors: whole rows, or the heads of each.
  func norm(_ x: FloatTensor, _ role: TensorRole, _ layer: Int? = nil) -> FloatTensor {
    weights.norm(role, layer).weight.withUnsafeBufferPointer { factors in
      layers.mapRows(x) { _, values, output in
        for start in stride(from: 0, to: x.shape[1], by: factors.count) {
          RMSNormKernel.best(
            values + start, weight: factors.baseAddress!, output + start, count: factors.count,
            epsilon: configuration.normEpsilon)
        }
      }
    }
  }

  /// Turns the first channels of each head; the others, and all of a layer that knows no positions, stay.
  private func rotate(_ x: FloatTensor, _ heads: Int, _ layer: Int) -> FloatTensor {
    guard let table = rotary[configuration.rotary(ofLayer: layer)] else { return x }
    return layers.mapRows(x) { position, values, output in
      output.update(from: values, count: x.shape[1])
      for head in 0..<heads {
        RotaryKernel.best(
          output + head * configuration.headSize, cosines: table.cosines(at: position),
          sines: table.sines(at: position), heads: 1, d: configuration.turnedChannels)
      }
    }
  }
}
