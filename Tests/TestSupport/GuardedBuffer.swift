#if canImport(Glibc)
  import Glibc
#endif

/// Elements that end exactly where an unreadable page begins: a kernel that touches one byte too many stops
/// the test.
///
/// The base is as misaligned as the length makes it, which is what rows of awkward lengths look like.
package final class GuardedBuffer<Element: BitwiseCopyable> {
  package let base: UnsafeMutablePointer<Element>
  package let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int

  package init(_ elements: [Element]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = elements.count * MemoryLayout<Element>.stride
    let readable = (bytes + page - 1) / page * page
    let start = mmap(nil, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start, start != MAP_FAILED, mprotect(start + readable, page, PROT_NONE) == 0 else {
      preconditionFailure("GuardedBuffer: no memory for \(bytes) bytes and a guard page (errno \(errno))")
    }
    mapping = start
    mappedBytes = readable + page
    count = elements.count
    base = (start + readable - bytes).bindMemory(to: Element.self, capacity: elements.count)
    for (i, element) in elements.enumerated() { base[i] = element }
  }

  deinit { munmap(mapping, mappedBytes) }

  /// What the buffer holds now.
  package var elements: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
