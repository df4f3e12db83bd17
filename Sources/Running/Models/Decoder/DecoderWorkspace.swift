import Architectures
import Kernels
import TensorCore

/// The activations of one step, reserved once: a step allocates nothing.
final class DecoderWorkspace {
  /// The residual stream, `[rows, width]`.
  let stream: UnsafeMutablePointer<Float>
  /// What a branch adds to the stream, `[rows, width]`; nil where it is added as it is computed.
  let branch: UnsafeMutablePointer<Float>?
  /// `[rows, (heads + 2 · kvHeads) · headSize]`.
  let queryKeyValue: UnsafeMutablePointer<Float>
  let attended: UnsafeMutablePointer<Float>
  /// `[rows, 2 · hidden]`: gate, then up.
  let gateUp: UnsafeMutablePointer<Float>
  /// What the head reads, `[logit rows, width]`; nil where that is the normed stream.
  let finalStates: UnsafeMutablePointer<Float>?
  /// `[logit rows, vocabulary]`.
  let logits: UnsafeMutablePointer<Float>
  private let storage: [AlignedStorage]

  init(_ c: DecoderConfiguration, _ limits: SequenceLimits) {
    var storage: [AlignedStorage] = []
    func reserve(_ rows: Int, _ columns: Int) -> UnsafeMutablePointer<Float> {
      storage.append(AlignedStorage(byteCount: rows * columns * MemoryLayout<Float>.size))
      return storage[storage.count - 1].pointer(to: Float.self)
    }
    let tokens = limits.stepTokens
    stream = reserve(tokens, c.width)
    branch = c.changesBranches ? reserve(tokens, c.width) : nil
    queryKeyValue = reserve(tokens, c.queryKeyValueWidth)
    attended = reserve(tokens, c.heads * c.headSize)
    gateUp = reserve(tokens, 2 * c.hidden)
    finalStates = c.headMatrix ? reserve(limits.logitRows, c.width) : nil
    logits = reserve(limits.logitRows, c.vocabulary)
    self.storage = storage
  }
}

extension DecoderConfiguration {
  /// Whether something is done to what a branch computed before it is added to the stream.
  var changesBranches: Bool { branchNorms.hasOutput || residualScale != 1 }
}

extension ActivationRows {
  /// Room for the widest rows of a step.
  convenience init(_ c: DecoderConfiguration, _ limits: SequenceLimits) {
    self.init(
      maxRows: max(limits.stepTokens, limits.logitRows),
      maxColumns: max(c.width, c.hidden, c.heads * c.headSize))
  }
}
