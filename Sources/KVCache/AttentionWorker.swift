import Kernels
import TensorCore

/// What one thread works with.
final class AttentionWorker {
  let rows: AttentionRows
  /// K and V of a page in float16, where a chunk covers more than one page.
  private let halves: AlignedStorage

  init(headSize: Int, bytesPerTailHead: Int, set: InstructionSet) {
    rows = AttentionRows(headSize: headSize, set: set)
    halves = AlignedStorage(byteCount: bytesPerTailHead)
  }

  var tail: UnsafeMutablePointer<Float16> { halves.pointer(to: Float16.self) }
}
