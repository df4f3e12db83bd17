import Glibc

/// Address space that becomes memory page by page as it is written; zeros until then.
final class ReservedMemory {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) throws(CacheError) {
    self.byteCount = max(byteCount, 1)
    let address = mmap(
      nil, self.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != UnsafeMutableRawPointer(bitPattern: -1) else {
      throw .noMemory(bytes: byteCount, code: errno)
    }
    base = address
    // Attention reads pages of a few KiB from all over this memory. With pages of 4 KiB, looking addresses up
    // costs as much as reading. Where the system gives no huge pages, only speed is lost.
    madvise(base, self.byteCount, MADV_HUGEPAGE)
  }

  deinit { munmap(base, byteCount) }
}
