import Testing

@testable import TensorCore

@Suite("Shape")
struct ShapeTests {
  @Test("counts elements")
  func counts() {
    #expect(Shape([2, 3, 4]).elementCount == 24)
    #expect(Shape([]).elementCount == 1)
    #expect(Shape([5, 0]).elementCount == 0)
  }

  @Test(
    "has no element count where the product overflows or an extent is negative",
    arguments: [
      [Int.max, 2], [1 << 32, 1 << 32], [-1], [3, -2, 0],
    ])
  func refuses(extents: [Int]) { #expect(Shape(extents).elementCount == nil) }
}

@Suite("Storage")
struct StorageTests {
  @Test("is zeroed and aligned to 64 bytes", arguments: [0, 1, 63, 64, 4097])
  func aligned(byteCount: Int) {
    let storage = AlignedStorage(byteCount: byteCount)
    #expect(Int(bitPattern: storage.baseAddress) % 64 == 0)
    #expect(storage.bytes.allSatisfy { $0 == 0 })
  }

  @Test("lives as long as a view into it")
  func keepsOwner() {
    func view() -> TensorView {
      let storage = AlignedStorage(byteCount: 8)
      storage.pointer(to: Float.self)[1] = 7
      return TensorView(bytes: UnsafeRawBufferPointer(storage.bytes), type: .f32, shape: [2], owner: storage)
    }
    let kept = view()
    withExtendedLifetime(kept) { #expect(kept.pointer(to: Float.self)[1] == 7) }
  }

  @Test("every element type knows its size", arguments: ElementType.allCases)
  func sizes(type: ElementType) { #expect([1, 2, 4, 8].contains(type.byteSize)) }
}

@Suite("Float tensor")
struct FloatTensorTests {
  @Test("gives the rows of a matrix")
  func rows() {
    let tensor = FloatTensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    #expect(Array(tensor.row(1)) == [4, 5, 6])
  }
}
