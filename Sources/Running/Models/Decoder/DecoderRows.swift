import Architectures
import Kernels

/// The gated activation of rows of a joined gate and up projection, mixed where the model has it so.
struct GatedRows: RowSource {
  /// `[rows, 2 · hidden]`.
  let gateUp: UnsafePointer<Float>
  let hidden: Int
  let kind: FeedForward
  /// Vectors of sixteen channels that a Hadamard transform mixes; 1 for none.
  let mixed: Int

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) {
    let gate = gateUp + row * 2 * hidden
    if kind == .gatedGELUTanh {
      GELUTanhGateKernel.best(gate: gate, up: gate + hidden, target, count: hidden)
    } else {
      SiLUGateKernel.best(gate: gate, up: gate + hidden, target, count: hidden)
    }
    if mixed > 1 { HadamardKernel.best(target, count: hidden, mixed: mixed) }
  }
}

/// The norm of rows of the residual stream.
struct NormalizedRows: RowSource {
  let input: UnsafePointer<Float>
  let weight: UnsafePointer<Float>
  let width: Int
  let epsilon: Float

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) {
    RMSNormKernel.best(input + row * width, weight: weight, target, count: width, epsilon: epsilon)
  }
}

/// Some rows of a source, by their numbers.
struct ChosenRows<Source: RowSource>: RowSource {
  let rows: UnsafeBufferPointer<Int>
  let source: Source

  func write(_ row: Int, to target: UnsafeMutablePointer<Float>) { source.write(rows[row], to: target) }
}

/// Rotates rows of heads in place, each by the position after its neighbour's.
struct RotatedRows: LoopBody {
  /// The first row's first head.
  let heads: UnsafeMutablePointer<Float>
  /// From row to row in `heads`.
  let stride: Int
  /// The first row's cosines, then its sines; those of the other rows follow.
  let angles: UnsafePointer<Float>
  let headCount: Int
  let headSize: Int
  /// The first channels of each head, which are turned.
  let turned: Int

  func run(_ row: Int, worker: Int) {
    let (cosines, first) = (angles + row * turned, heads + row * stride)
    let sines = cosines + turned / 2
    if turned == headSize {
      return RotaryKernel.best(first, cosines: cosines, sines: sines, heads: headCount, d: headSize)
    }
    for head in 0..<headCount {
      RotaryKernel.best(first + head * headSize, cosines: cosines, sines: sines, heads: 1, d: turned)
    }
  }
}

/// Norms query and key of rows of the joined projection in place.
struct NormedHeads: LoopBody {
  /// The first row.
  private let rows: UnsafeMutablePointer<Float>
  private let stride: Int
  private let queries: Group
  private let keys: Group
  private let epsilon: Float

  /// Runs of channels that are normed with the same factors.
  private struct Group {
    let weight: UnsafePointer<Float>
    let first: Int
    let count: Int
    let width: Int
  }

  init(
    _ rows: UnsafeMutablePointer<Float>, _ norms: DecoderWeights.HeadNorms, _ c: DecoderConfiguration
  ) {
    self.rows = rows
    stride = c.queryKeyValueWidth
    epsilon = c.normEpsilon
    let isPerHead = c.queryKeyNorm == .perHead
    queries = Group(
      weight: norms.query, first: 0, count: isPerHead ? c.heads : 1,
      width: isPerHead ? c.headSize : c.queryWidth)
    keys = Group(
      weight: norms.key, first: c.queryWidth, count: isPerHead ? c.keyValueHeads : 1,
      width: isPerHead ? c.headSize : c.keyWidth)
  }

  func run(_ row: Int, worker: Int) {
    norm(queries, rows + row * stride)
    norm(keys, rows + row * stride)
  }

  private func norm(_ group: Group, _ row: UnsafeMutablePointer<Float>) {
    for index in 0..<group.count {
      let channels = row + group.first + index * group.width
      RMSNormKernel.best(
        channels, weight: group.weight, channels, count: group.width, epsilon: epsilon)
    }
  }
}

/// Adds rows of a branch to the stream, `stream += scale · norm(branch)`; overwrites the branch.
struct BranchRows: LoopBody {
  let branch: UnsafeMutablePointer<Float>
  let stream: UnsafeMutablePointer<Float>
  /// Nil where a branch is added as it is.
  let norm: UnsafePointer<Float>?
  let scale: Float
  let width: Int
  let epsilon: Float

  func run(_ row: Int, worker: Int) {
    let values = branch + row * width
    if let norm { RMSNormKernel.best(values, weight: norm, values, count: width, epsilon: epsilon) }
    if scale != 1 { for column in 0..<width { values[column] *= scale } }
    AddKernel.best(values, to: stream + row * width, count: width)
  }
}

/// Scales rows of logits, then caps them.
struct LogitRows: LoopBody {
  let logits: UnsafeMutablePointer<Float>
  let vocabulary: Int
  let scale: Float
  let softCap: Float?

  var changesLogits: Bool { scale != 1 || softCap != nil }

  func run(_ row: Int, worker: Int) {
    let values = logits + row * vocabulary
    if scale != 1 { for token in 0..<vocabulary { values[token] *= scale } }
    if let softCap { SoftCapKernel.best(values, count: vocabulary, cap: softCap) }
  }
}
