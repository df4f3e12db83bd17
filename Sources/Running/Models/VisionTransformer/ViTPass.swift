import Architectures
import Kernels
import TensorCore

/// The forward pass of one image, with the memory it works in and the threads it works on.
///
/// A thread takes a block of token rows from one layer's attention to the next one's keys and values, with everything
/// in its own cache; the threads meet twice a layer, because attention reads all rows' keys and values, and their codes
/// depend on all rows' ranges.
final class ViTPass {
  private let configuration: VisionConfiguration
  private let scheme: ModelScheme
  private let weights: ViTWeights
  private let workspace: ViTWorkspace
  private let attention: BidirectionalAttention
  private let pool: WorkerPool

  init(_ configuration: VisionConfiguration, _ scheme: ModelScheme, _ weights: ViTWeights, pool: WorkerPool) {
    self.configuration = configuration
    self.scheme = scheme
    self.weights = weights
    self.pool = pool
    workspace = ViTWorkspace(configuration, threads: pool.threads)
    attention = BidirectionalAttention(
      heads: configuration.heads, headSize: configuration.headSize, tokens: configuration.tokens,
      shares: workspace.blocks.count, pool: pool)
  }

  /// Computes `image` and writes logits and class token at `index` of `results`.
  func run(_ image: ImagePixels, into results: ViTResults, at index: Int) {
    let c = configuration
    let pass = Unretained(self)
    pool.forEach(workspace.blocks.count, EmbedRows(pass: pass, image: image))
    for layer in 0..<c.layers {
      pool.forEach(workspace.blocks.count, PrepareTokens(pass: pass, layer: layer))
      if layer + 1 < c.layers {
        pool.forEach(workspace.blocks.count, LayerRows(pass: pass, layer: layer))
      } else {
        workspace.blocks[0].use { finish($0, layer, rows: 1, worker: 0) }
      }
    }
    workspace.blocks[0].use { classify($0.rows, into: results, at: index) }
  }

  /// `stream = [class token; patches · W + b] + positions`, and the first layer's projections.
  fileprivate func embed(_ block: ViTWorkspace.Block, _ image: ImagePixels) {
    let c = configuration
    let positions = weights.positions.pointer(to: Float.self)
    let patches = max(1, block.first)..<block.first + block.count
    if block.first == 0 {
      workspace.stream.update(from: positions, count: c.width)
      AddKernel.best(weights.classToken.pointer(to: Float.self), to: workspace.stream, count: c.width)
    }
    if !patches.isEmpty {
      block.rows.quantizePatches(
        of: image, c.patchGrid, patches.lowerBound - 1..<patches.upperBound - 1, weights.patches.input,
        scratch: block.values)
      weights.patches.layer.apply(
        block.rows, to: workspace.stream + patches.lowerBound * c.width, stride: c.width,
        residual: positions + patches.lowerBound * c.width, pool: block.thread)
    }
    weights.blocks[0].use { project(block, $0) }
  }

  /// q, k and v of the normed stream, and the ranges of k and v.
  private func project(_ block: ViTWorkspace.Block, _ weights: ViTWeights.Block) {
    let (c, w) = (configuration, workspace)
    block.rows.quantizeLayerNorm(
      w.stream + block.first * c.width, rows: block.count, columns: c.width, weights.attentionNorm.constants,
      weights.queryKeyValue.input)
    let first = w.queryKeyValue + block.first * 3 * c.width
    weights.queryKeyValue.layer.apply(block.rows, to: first, stride: 3 * c.width, pool: block.thread)
    for head in 0..<c.heads {
      attention.measure(
        head: head, share: block.index, rows: block.count, k: first + c.width, v: first + 2 * c.width,
        stride: 3 * c.width)
    }
  }

  /// Codes of k and v.
  fileprivate func prepare(_ block: ViTWorkspace.Block, layer: Int) {
    let (c, w) = (configuration, workspace)
    for head in 0..<c.heads {
      attention.prepare(
        scheme.attention[layer], head: head, tokens: block.tokens, k: w.queryKeyValue + c.width,
        v: w.queryKeyValue + 2 * c.width, stride: 3 * c.width)
    }
  }

  /// A layer's rows from attention to the next layer's projections.
  fileprivate func advance(_ block: ViTWorkspace.Block, _ layer: Int, worker: Int) {
    finish(block, layer, rows: block.count, worker: worker)
    weights.blocks[layer + 1].use { project(block, $0) }
  }

  /// The first `rows` rows of a block to the end of a layer: of the last layer only the class token is wanted.
  ///
  /// `stream += output(attention(…))`, then `stream += down(gelu(up(norm(stream))))`.
  private func finish(_ block: ViTWorkspace.Block, _ layer: Int, rows: Int, worker: Int) {
    attend(block, layer, rows: rows, worker: worker)
    weights.blocks[layer].use { feedForward(block, $0, rows: rows) }
  }

  private func feedForward(_ block: ViTWorkspace.Block, _ weights: ViTWeights.Block, rows: Int) {
    let (c, thread) = (configuration, block.thread)
    let stream = workspace.stream + block.first * c.width
    block.rows.quantizeStatic(
      block.values, rows: rows, columns: c.width, weights.attentionOutput.input,
      pool: thread)
    weights.attentionOutput.layer.apply(
      block.rows, to: stream, stride: c.width, residual: stream, pool: thread)
    block.rows.quantizeLayerNorm(
      stream, rows: rows, columns: c.width, weights.feedForwardNorm.constants, weights.up.input)
    weights.up.layer.applyGELU(block.rows, to: block.hidden, weights.hidden, pool: thread)
    weights.down.layer.apply(block.hidden, to: stream, stride: c.width, residual: stream, pool: thread)
  }

  private func attend(_ block: ViTWorkspace.Block, _ layer: Int, rows: Int, worker: Int) {
    let c = configuration
    for head in 0..<c.heads {
      attention.attend(
        scheme.attention[layer], head: head, rows: rows,
        q: workspace.queryKeyValue + block.first * 3 * c.width, stride: 3 * c.width,
        output: block.values, outputStride: c.width, worker: worker)
    }
  }

  /// The head, on the normed class token.
  private func classify(_ rows: ActivationRows, into results: ViTResults, at index: Int) {
    let c = configuration
    let norm = weights.finalNorm.constants
    let token = results.embeddings + index * c.width
    LayerNormKernel.best(
      workspace.stream, weight: norm.weight, bias: norm.bias, token, count: c.width, epsilon: norm.epsilon)
    rows.quantizeStatic(token, rows: 1, columns: c.width, weights.head.input, pool: pool)
    weights.head.layer.apply(rows, to: results.logits + index * c.classes, stride: c.classes, pool: pool)
  }

  fileprivate func block(_ index: Int) -> Unretained<ViTWorkspace.Block> { workspace.blocks[index] }
}

// The loops of a pass. The call holds the pass.

/// The stream of each block of rows, up to the first layer's keys and values.
private struct EmbedRows: LoopBody {
  let pass: Unretained<ViTPass>
  let image: ImagePixels

  func run(_ index: Int, worker: Int) {
    pass.use { pass in pass.block(index).use { pass.embed($0, image) } }
  }
}

/// The codes of each block's keys and values.
private struct PrepareTokens: LoopBody {
  let pass: Unretained<ViTPass>
  let layer: Int

  func run(_ index: Int, worker: Int) {
    pass.use { pass in pass.block(index).use { pass.prepare($0, layer: layer) } }
  }
}

/// Each block of rows, from a layer's attention to the next layer's keys and values.
private struct LayerRows: LoopBody {
  let pass: Unretained<ViTPass>
  let layer: Int

  func run(_ index: Int, worker: Int) {
    pass.use { pass in pass.block(index).use { pass.advance($0, layer, worker: worker) } }
  }
}
