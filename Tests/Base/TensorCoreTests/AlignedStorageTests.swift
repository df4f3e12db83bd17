import TensorCore
import TestSupport
import Testing

@Suite("Aligned storage")
struct AlignedStorageTests {
  @Test(
    "is aligned, zeroed and as large as asked for", arguments: [0, 1, 63, 64, 65, 4096, 1 << 20, 5 << 20])
  func contents(byteCount: Int) {
    for _ in 0..<3 {  // again in memory that was used before
      let storage = AlignedStorage(byteCount: byteCount)
      #expect(Int(bitPattern: storage.baseAddress) % 64 == 0)
      #expect(storage.bytes.count == max(byteCount, 1))
      #expect(storage.bytes.allSatisfy { $0 == 0 })
      storage.bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
    }
  }
}
