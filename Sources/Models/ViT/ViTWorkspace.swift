import Kernels
import TensorCore

/// The activations of one call, reserved once for the largest batch.
final class ViTWorkspace {
  /// `[images · patches, channels · patch · patch]`.
  let patchRows: UnsafeMutablePointer<Float>
  /// `[images · patches, width]`.
  let patchOutput: UnsafeMutablePointer<Float>
  /// The residual stream, `[images · tokens, width]`.
  let stream: UnsafeMutablePointer<Float>
  let normed: UnsafeMutablePointer<Float>
  /// The joined q, k, v or the hidden layer, whichever is alive: `[images · tokens, max(3 · width, hidden)]`.
  let wide: UnsafeMutablePointer<Float>
  let logits: UnsafeMutablePointer<Float>
  let rows: ActivationRows
  private let storage: [AlignedStorage]

  init(_ c: ViTConfiguration, maxBatch: Int) {
    var storage: [AlignedStorage] = []
    func reserve(_ rows: Int, _ columns: Int) -> UnsafeMutablePointer<Float> {
      storage.append(AlignedStorage(byteCount: rows * columns * MemoryLayout<Float>.size))
      return storage[storage.count - 1].pointer(to: Float.self)
    }
    let tokens = maxBatch * c.tokens
    patchRows = reserve(maxBatch * c.patches, c.patchValues)
    patchOutput = reserve(maxBatch * c.patches, c.width)
    stream = reserve(tokens, c.width)
    normed = reserve(tokens, c.width)
    wide = reserve(tokens, max(3 * c.width, c.hidden))
    logits = reserve(maxBatch, c.classes)
    rows = ActivationRows(maxRows: tokens, maxColumns: max(c.width, c.hidden, c.patchValues))
    self.storage = storage
  }
}
