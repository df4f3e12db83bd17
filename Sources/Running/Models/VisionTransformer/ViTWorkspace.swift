import Architectures
import Kernels
import TensorCore

/// The activations of one image, reserved once, and its token rows cut into blocks.
final class ViTWorkspace {
  /// Token rows that one thread takes through a whole layer, with the memory that only it touches then.
  final class Block {
    let index: Int
    /// The first row, and how many there are.
    let first: Int
    let count: Int
    /// The tokens whose keys and values become codes here: those of the rows, but for whole lines of codes.
    let tokens: Range<Int>
    /// Codes of what the projections read.
    let rows: ActivationRows
    /// Codes of the hidden layer.
    let hidden: ActivationRows
    /// What attention gives; before that, room for one patch.
    let values: UnsafeMutablePointer<Float>
    /// For loops that stay on the thread that has the block.
    let thread = WorkerPool(threads: 1)
    private let storage: AlignedStorage

    init(_ index: Int, _ range: Range<Int>, _ c: VisionConfiguration) {
      let widest = max(c.width, c.patchValues)
      self.index = index
      tokens = Self.line(range.lowerBound, c)..<Self.line(range.upperBound, c)
      first = range.lowerBound
      count = range.count
      rows = ActivationRows(maxRows: range.count, maxColumns: widest)
      hidden = ActivationRows(maxRows: range.count, maxColumns: c.hidden)
      storage = AlignedStorage(
        byteCount: max(range.count * c.width, c.patchValues) * MemoryLayout<Float>.size)
      values = storage.pointer(to: Float.self)
    }

    /// The start of a line of 16 tokens that is nearest to a row, or the end.
    private static func line(_ row: Int, _ c: VisionConfiguration) -> Int {
      row == c.tokens ? row : (row + 8) / 16 * 16
    }
  }

  /// The residual stream, `[tokens, width]`.
  let stream: UnsafeMutablePointer<Float>
  /// The joined q, k and v, `[tokens, 3 · width]`.
  let queryKeyValue: UnsafeMutablePointer<Float>
  let blocks: HeldObjects<Block>
  private let storage: [AlignedStorage]

  /// Rows below which a block computes for less time than it reads weights.
  private static let minRows = 24

  init(_ c: VisionConfiguration, threads: Int) {
    storage = [c.width, 3 * c.width].map {
      AlignedStorage(byteCount: c.tokens * $0 * MemoryLayout<Float>.size)
    }
    stream = storage[0].pointer(to: Float.self)
    queryKeyValue = storage[1].pointer(to: Float.self)
    blocks = HeldObjects(Self.cuts(c.tokens, threads: threads).enumerated().map { Block($0, $1, c) })
  }

  /// A block for each thread, where there are enough rows.
  static func cuts(_ tokens: Int, threads: Int) -> [Range<Int>] {
    let count = max(1, min(threads, tokens / minRows))
    return (0..<count).map { tokens * $0 / count..<tokens * ($0 + 1) / count }
  }
}
