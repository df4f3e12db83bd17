import Kernels
import TensorCore

/// A decoder's weights as the kernels read them: views into the mapped pack.
struct LlamaWeights {
  final class Layer {
    let attentionNorm: TensorView
    let queryKeyValue: LinearLayer
    let attentionOutput: LinearLayer
    let feedForwardNorm: TensorView
    let gateUp: LinearLayer
    let down: LinearLayer

    init(_ index: Int, _ c: LlamaConfiguration, _ loader: TensorLoader) throws(ModelError) {
      attentionNorm = try loader.floats(LlamaNames.attentionNorm(index), [c.width])
      queryKeyValue = try loader.linear(
        LlamaNames.queryKeyValue(index), outputs: c.queryKeyValueWidth, inputs: c.width, bias: false)
      attentionOutput = try loader.linear(
        LlamaNames.attentionOutput(index), outputs: c.width, inputs: c.heads * c.headSize, bias: false)
      feedForwardNorm = try loader.floats(LlamaNames.feedForwardNorm(index), [c.width])
      gateUp = try loader.linear(
        LlamaNames.gateUp(index), outputs: 2 * c.hidden, inputs: c.width, bias: false)
      down = try loader.linear(LlamaNames.down(index), outputs: c.width, inputs: c.hidden, bias: false)
    }
  }

  let embedding: EmbeddingTable
  let layers: HeldObjects<Layer>
  let finalNorm: TensorView
  let head: LinearLayer
  /// The head in 4 bits, where the pack has it.
  let draftHead: LinearLayer?

  init(_ configuration: LlamaConfiguration, _ loader: TensorLoader) throws(ModelError) {
    let c = configuration
    embedding = try EmbeddingTable(loader, rows: c.vocabulary, columns: c.width)
    var layers: [Layer] = []
    for index in 0..<c.layers { layers.append(try Layer(index, c, loader)) }
    self.layers = HeldObjects(layers)
    finalNorm = try loader.floats(LlamaNames.finalNorm, [c.width])
    let headName = c.tiedEmbeddings ? LlamaNames.embedding : LlamaNames.head
    head = try loader.linear(headName, outputs: c.vocabulary, inputs: c.width, bias: false)
    draftHead =
      loader.has(LlamaNames.draftHead)
      ? try loader.linear(LlamaNames.draftHead, outputs: c.vocabulary, inputs: c.width, bias: false) : nil
  }
}

extension LlamaConfiguration {
  /// Columns of the joined projection: all query heads, then key heads, then value heads.
  package var queryKeyValueWidth: Int { (heads + 2 * keyValueHeads) * headSize }
}
