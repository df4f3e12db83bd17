import Kernels
import TensorCore

/// The buffers that one thread attends with.
final class AttentionWorker {
  let rows: AttentionRows
  /// K and V of a page in float16, where a chunk covers more than one page.
  let tail: UnsafeMutablePointer<Float16>
  private let storage: AlignedStorage

  init(headSize: Int, bytesPerTailHead: Int, set: InstructionSet) {
    rows = AttentionRows(headSize: headSize, set: set)
    storage = AlignedStorage(byteCount: bytesPerTailHead)
    tail = storage.pointer(to: Float16.self)
  }
}
