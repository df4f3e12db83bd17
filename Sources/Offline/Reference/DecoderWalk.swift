import Architectures
import Kernels
import TensorCore

/// Takes several sequences through a float32 decoder together, one linear layer after another, so that each layer can be
/// replaced before those behind it are computed.
///
/// Holds the stream of all sequences and what one branch computes of it: `4 · tokens · (width + hidden)` bytes.
package final class DecoderWalk {
  private let model: FloatDecoder
  private let replaced: ReplacedTensors
  private var streams: [FloatTensor]

  /// - Parameter tensor: The checkpoint's tensors by their canonical names.
  package init(
    _ configuration: DecoderConfiguration, sequences: [[Int]], pool: WorkerPool,
    tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    let replaced = ReplacedTensors(tensor)
    self.replaced = replaced
    // Nothing is held: each matrix is read when its turn comes, and what replaces it is let go with its layer.
    model = try FloatDecoder(configuration, pool: pool, limit: 0, tensor: replaced.tensor)
    let tokens = model.embed(sequences.flatMap { $0 })
    streams = Self.cut(tokens, sequences.map(\.count))
  }

  /// Calls `visit` with each linear layer of the transformer, and the head matrix or head behind it, in the order of
  /// computation, and with its input in each sequence; goes on with the weights `[outputs, inputs]` that it returns, or
  /// with the float32 ones where it returns none.
  ///
  /// - Parameter attention: Computes attention in place of the exact one.
  package func run(
    attention: ((AttentionInputs) -> FloatTensor)? = nil,
    _ visit: (_ row: TensorRow, _ inputs: [FloatTensor]) throws -> FloatTensor?
  ) throws {
    let (table, hooks) = (model.weights.table, ReferenceHooks(attention: attention))
    for layer in 0..<model.configuration.layers {
      for branch in DecoderBranch.allCases {
        let rows = branch.rows(table, layer)
        let inputs = streams.map { model.branchInput($0, branch, layer) }
        replaced.set(rows.reading, try visit(rows.reading, inputs))
        let inner = inputs.map { model.inner(branch, layer, $0, hooks) }
        replaced.set(rows.writing, try visit(rows.writing, inner))
        for (index, inner) in inner.enumerated() {
          streams[index] = model.layers.add(streams[index], model.branchOutput(inner, branch, layer))
        }
      }
      replaced.forget()
    }
    try finish(visit)
  }

  private func finish(_ visit: (TensorRow, [FloatTensor]) throws -> FloatTensor?) throws {
    let table = model.weights.table
    streams = streams.map { model.norm($0, .finalNorm) }
    if let matrix = table.find(.headMatrix) {
      replaced.set(matrix, try visit(matrix, streams))
      streams = streams.map { model.layers.add($0, model.layers.linear($0, model.weights, matrix)) }
    }
    if let head = table.find(.head) { _ = try visit(head, streams) }
  }

  private static func cut(_ rows: FloatTensor, _ counts: [Int]) -> [FloatTensor] {
    var (parts, start) = ([FloatTensor](), 0)
    let width = rows.shape[1]
    for count in counts {
      let values = rows.values[start * width..<(start + count) * width]
      parts.append(FloatTensor(shape: [count, width], values: Array(values)))
      start += count
    }
    return parts
  }
}

/// Tensors of a checkpoint, some of them replaced.
private final class ReplacedTensors {
  private let original: (String) throws -> FloatTensor
  private var replacements: [String: FloatTensor] = [:]

  init(_ original: @escaping (String) throws -> FloatTensor) { self.original = original }

  func tensor(_ name: String) throws -> FloatTensor { try replacements[name] ?? original(name) }

  /// Replaces the sources of `row` by the parts of `weight`, `[outputs, inputs]`, one after another.
  func set(_ row: TensorRow, _ weight: FloatTensor?) {
    guard let weight else { return }
    var start = 0
    for source in row.sources {
      let count = source.shape.elementCount ?? 0
      replacements[source.name] = FloatTensor(
        shape: source.shape, values: Array(weight.values[start..<start + count]))
      start += count
    }
  }

  func forget() { replacements = [:] }
}
