import Architectures
import Kernels
import TensorCore

/// A decoder's weights as the kernels read them: views into the mapped pack.
struct DecoderWeights {
  /// The factors of the norms of query and key.
  struct HeadNorms {
    let query: TensorView
    let key: TensorView
  }

  final class Layer {
    /// Nil, as its neighbours, where the family norms another place.
    let attentionNorm: TensorView?
    let headNorms: HeadNorms?
    let queryKeyValue: LinearLayer
    let attentionOutput: LinearLayer
    let attentionOutputNorm: TensorView?
    let feedForwardNorm: TensorView?
    let gateUp: LinearLayer
    let down: LinearLayer
    let feedForwardOutputNorm: TensorView?

    init(_ index: Int, _ loader: TensorLoader) throws(ModelError) {
      func norm(_ role: TensorRole) throws(ModelError) -> TensorView? {
        loader.table.find(role, index) == nil ? nil : try loader.floats(role, index)[0]
      }
      attentionNorm = try norm(.attentionNorm)
      attentionOutputNorm = try norm(.attentionOutputNorm)
      feedForwardNorm = try norm(.feedForwardNorm)
      feedForwardOutputNorm = try norm(.feedForwardOutputNorm)
      if let query = try norm(.queryNorm), let key = try norm(.keyNorm) {
        headNorms = HeadNorms(query: query, key: key)
      } else {
        headNorms = nil
      }
      queryKeyValue = try loader.linear(.queryKeyValue, index)
      attentionOutput = try loader.linear(.attentionOutput, index)
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

  init(_ c: DecoderConfiguration, _ loader: TensorLoader) throws(ModelError) {
    embedding = try EmbeddingTable(loader)
    var layers: [Layer] = []
    for index in 0..<c.layers { layers.append(try Layer(index, loader)) }
    self.layers = HeldObjects(layers)
    finalNorm = try loader.floats(.finalNorm)[0]
    head = try loader.linear(loader.table.outputProjection)
    let draft = loader.table[.draftHead]
    draftHead = loader.format(of: draft) == nil ? nil : try loader.linear(draft)
  }
}
