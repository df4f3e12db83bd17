import Kernels
import TensorCore

/// The activations of one image, reserved once.
final class ViTWorkspace {
  /// The residual stream, `[tokens, width]`.
  let stream: UnsafeMutablePointer<Float>
  let normed: UnsafeMutablePointer<Float>
  /// The joined q, k, v, the hidden layer or the patches, whichever is alive: `[tokens, widest of them]`.
  let wide: UnsafeMutablePointer<Float>
  let rows: ActivationRows
  private let storage: [AlignedStorage]

  init(_ c: ViTConfiguration) {
    let widest = max(3 * c.width, c.hidden, c.patchValues)
    storage = [c.width, c.width, widest].map { AlignedStorage(byteCount: c.tokens * $0 * MemoryLayout<Float>.size) }
    stream = storage[0].pointer(to: Float.self)
    normed = storage[1].pointer(to: Float.self)
    wide = storage[2].pointer(to: Float.self)
    rows = ActivationRows(maxRows: c.tokens, maxColumns: max(c.width, c.hidden, c.patchValues))
  }
}
