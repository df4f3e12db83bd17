import TensorCore
import Vocabulary

/// Random bytes that many tensors share: each tensor is a window at another place, so that a pack of
/// gigabytes costs the memory of its largest tensor, and no two layers are equal.
struct RandomWindows {
  private let storage: AlignedStorage
  private let count: Int
  private var next = 0

  /// Bytes by which neighbouring windows are shifted; odd, so that codes land in other lanes.
  private static let step = 4_099
  private static let shifts = 509

  /// - Parameters:
  ///   - count: Bytes of the largest window.
  ///   - map: Applied to every random byte, to keep it in the range of its codes.
  init(count: Int, seed: UInt64, map: (UInt8) -> UInt8) {
    self.count = count
    let words = (count + Self.step * Self.shifts + 7) / 8
    storage = AlignedStorage(byteCount: words * 8)
    var generator = SplitMix64(seed: seed)
    let bytes = storage.bytes
    for word in 0..<words {
      var bits = generator.next()
      for byte in word * 8..<word * 8 + 8 {
        bytes[byte] = map(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
      }
    }
  }

  /// The next window, as a tensor of one axis.
  mutating func view(_ type: ElementType, count: Int) -> TensorView {
    precondition(count <= self.count, "RandomWindows: \(count) bytes of \(self.count)")
    let start = next * Self.step
    next = (next + 1) % Self.shifts
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[start..<start + count])
    return TensorView(bytes: bytes, type: type, shape: [count], owner: storage)
  }
}
