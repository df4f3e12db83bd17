import Glibc
import TensorCore

/// Bytes that end at a page that may not be touched: reading or writing one byte too many stops the test.
final class GuardedMemory: @unchecked Sendable {  // Sendable: one test owns it.
  let bytes: UnsafeMutableRawBufferPointer
  private let pages: UnsafeMutableRawPointer
  private let length: Int

  init(byteCount: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let usable = (byteCount + page - 1) / page * page
    length = usable + page
    guard let pages = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      pages != MAP_FAILED, mprotect(pages + usable, page, PROT_NONE) == 0
    else { preconditionFailure("GuardedMemory: the system gave no \(length) bytes") }
    self.pages = pages
    bytes = UnsafeMutableRawBufferPointer(start: pages + usable - byteCount, count: byteCount)
  }

  convenience init<Element: BitwiseCopyable>(_ values: [Element]) {
    self.init(byteCount: values.count * MemoryLayout<Element>.size)
    values.withUnsafeBytes { bytes.copyMemory(from: $0) }
  }

  deinit { munmap(pages, length) }

  func pointer<Element: BitwiseCopyable>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    bytes.baseAddress!.assumingMemoryBound(to: type)
  }

  func view(_ type: ElementType) -> TensorView {
    TensorView(
      bytes: UnsafeRawBufferPointer(bytes), type: type, shape: [bytes.count / type.byteSize], owner: self)
  }
}
