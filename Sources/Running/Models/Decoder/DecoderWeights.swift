import Architectures
import Kernels
import TensorCore

/// A decoder's weights as the kernels read them: views into the mapped pack.
struct DecoderWeights {
  final class Layer {
    let attentionNorm: TensorView
    let queryKeyValue: LinearLayer
    let attentionOutput: LinearLayer
    let feedForwardNorm: TensorView
    let gateUp: LinearLayer
    let down: LinearLayer

    init(_ index: Int, _ loader: TensorLoader) throws(ModelError) {
      attentionNorm = try loader.floats(.attentionNorm, index)[0]
      queryKeyValue = try loader.linear(.queryKeyValue, index)
      attentionOutput = try loader.linear(.attentionOutput, index)
      feedForwardNorm = try loader.floats(.feedForwardNorm, index)[0]
      gateUp = try loader.linear(.gateUp, index)
      down = try loader.linear(.down, index)
    }
  }

  let embedding: EmbeddingTable
  let layers: HeldObjects<Layer>
  let finalNorm: TensorView
  let head: LinearLayer
  /// The head in 4 bits, where the pack has it.
  let draftHead: LinearLayer?

  init(layers count: Int, _ loader: TensorLoader) throws(ModelError) {
    embedding = try EmbeddingTable(loader)
    var layers: [Layer] = []
    for index in 0..<count { layers.append(try Layer(index, loader)) }
    self.layers = HeldObjects(layers)
    finalNorm = try loader.floats(.finalNorm)[0]
    head = try loader.linear(loader.table.outputProjection)
    let draft = loader.table[.draftHead]
    draftHead = loader.format(of: draft) == nil ? nil : try loader.linear(draft)
  }
}
