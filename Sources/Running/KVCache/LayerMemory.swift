import KVBlocks
import Kernels

/// Where one layer's pages and tails lie: plain addresses, so that threads count no references.
struct LayerMemory {
  /// The layer's first page of block 0, and its first tail of slot 0.
  let pages: UnsafeMutableRawPointer
  let tails: UnsafeMutableRawPointer
  let blocks: Int
  let bytesPerBlock: Int
  let bytesPerPage: Int
  let bytesPerTail: Int
  let bytesPerTailHead: Int

  /// The page of a kv-head in a block.
  func page(_ block: BlockID, head: Int) -> UnsafeMutableRawPointer {
    let index = Int(block.rawValue)
    precondition(index >= 0 && index < blocks, "PagedKVCache: \(block) of \(blocks)")
    return pages + index * bytesPerBlock + head * bytesPerPage
  }

  /// K of a sequence's unfinished page, `[64][channels]`; V follows it.
  func tail(slot: Int, head: Int) -> UnsafeMutablePointer<Float16> {
    (tails + slot * bytesPerTail + head * bytesPerTailHead).assumingMemoryBound(to: Float16.self)
  }
}
