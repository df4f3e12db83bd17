import Architectures
import Kernels
import TensorCore

/// A decoder's weights as the kernels read them: views into the mapped pack.
struct DecoderWeights {
  /// The factors of the norms of query and key.
  struct HeadNorms {
    let query: UnsafePointer<Float>
    let key: UnsafePointer<Float>
  }

  /// Factors and angles are pointers, so that reading them counts nothing; the layer keeps what they point to.
  final class Layer {
    /// Nil, as its neighbours, where the family norms another place.
    let attentionNorm: UnsafePointer<Float>?
    let headNorms: HeadNorms?
    let queryKeyValue: LinearLayer
    let attentionOutput: LinearLayer
    let attentionOutputNorm: UnsafePointer<Float>?
    let feedForwardNorm: UnsafePointer<Float>?
    let gateUp: LinearLayer
    let down: LinearLayer
    let feedForwardOutputNorm: UnsafePointer<Float>?
    /// Cosines and sines of position 0, those of the others follow; nil for a layer that turns nothing.
    let angles: UnsafePointer<Float>?
    private let table: RotaryTable?
    private let norms: [TensorView]

    init(_ index: Int, _ loader: TensorLoader, _ table: RotaryTable?) throws(ModelError) {
      self.table = table
      angles = table?.cosines(at: 0)
      var norms: [TensorView] = []
      func norm(_ role: TensorRole) throws(ModelError) -> UnsafePointer<Float>? {
        guard loader.table.find(role, index) != nil else { return nil }
        norms.append(try loader.floats(role, index)[0])
        return UnsafePointer(norms[norms.count - 1].pointer(to: Float.self))
      }
      attentionNorm = try norm(.attentionNorm)
      attentionOutputNorm = try norm(.attentionOutputNorm)
      feedForwardNorm = try norm(.feedForwardNorm)
      feedForwardOutputNorm = try norm(.feedForwardOutputNorm)
      let (query, key) = (try norm(.queryNorm), try norm(.keyNorm))
      headNorms = query.flatMap { query in key.map { HeadNorms(query: query, key: $0) } }
      self.norms = norms
      queryKeyValue = try loader.linear(.queryKeyValue, index)
      attentionOutput = try loader.linear(.attentionOutput, index)
      gateUp = try loader.linear(.gateUp, index)
      down = try loader.linear(.down, index)
    }
  }

  let embedding: EmbeddingTable
  let layers: HeldObjects<Layer>
  let finalNorm: TensorView
  /// Of the normed final state, added to it before the head, where the model has one.
  let headMatrix: Unretained<LinearLayer>?
  private let heldHeadMatrix: LinearLayer?
  let head: LinearLayer
  /// The head in 4 bits, where the pack has it.
  let draftHead: LinearLayer?

  init(_ c: DecoderConfiguration, _ loader: TensorLoader, _ rotary: RotaryTables) throws(ModelError) {
    embedding = try EmbeddingTable(loader)
    var layers: [Layer] = []
    for index in 0..<c.layers {
      layers.append(try Layer(index, loader, rotary[c.rotary(ofLayer: index)]))
    }
    self.layers = HeldObjects(layers)
    finalNorm = try loader.floats(.finalNorm)[0]
    heldHeadMatrix = c.headMatrix ? try loader.linear(.headMatrix) : nil
    headMatrix = heldHeadMatrix.map(Unretained.init)
    head = try loader.linear(loader.table.outputProjection)
    let draft = loader.table[.draftHead]
    draftHead = loader.format(of: draft) == nil ? nil : try loader.linear(draft)
  }
}
