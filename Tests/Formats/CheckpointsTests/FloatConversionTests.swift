import Checkpoints
import TensorCore
import Testing

@Suite("Conversion to float32")
struct FloatConversionTests {
  private func view<Element: BitwiseCopyable>(_ type: ElementType, _ values: [Element]) -> TensorView {
    let storage = AlignedStorage(byteCount: values.count * type.byteSize)
    values.withUnsafeBytes { storage.bytes.copyMemory(from: $0) }
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes.prefix(values.count * type.byteSize))
    return TensorView(bytes: bytes, type: type, shape: [values.count], owner: storage)
  }

  @Test("every float16 gives the same float32 as the standard library")
  func halves() throws {
    let all = (0...UInt16.max).map { $0 }
    let values = try view(.f16, all).floats(name: "a", file: "f").values
    for (bits, value) in zip(all, values) {
      let expected = Float(Float16(bitPattern: bits))
      #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN, "\(bits)")
    }
  }

  @Test("bfloat16 is the upper half of a float32, and float64 is rounded")
  func others() throws {
    #expect(try view(.bf16, [UInt16(0x3F80), 0xC000]).floats(name: "a", file: "f").values == [1, -2])
    #expect(try view(.f64, [0.1, -2.5]).floats(name: "a", file: "f").values == [Float(0.1), -2.5])
    #expect(try view(.f32, [Float(0.25)]).floats(name: "a", file: "f").values == [0.25])
  }

  @Test("integers are refused by name")
  func integers() {
    let error = #expect(throws: CheckpointError.self) {
      try view(.i8, [Int8(1)]).floats(name: "a", file: "f")
    }
    #expect(error?.problem == .notFloat(tensor: "a", type: .i8))
  }

  @Test("the scan finds the first value that is not finite, in every type")
  func scan() {
    #expect(ContentScan.firstNotFinite(view(.f32, [0, 1, -Float.infinity, .nan])) == 2)
    #expect(ContentScan.firstNotFinite(view(.f16, [UInt16(0x7BFF), 0x7C01])) == 1)
    #expect(ContentScan.firstNotFinite(view(.bf16, [UInt16(0x7F7F), 0xFF80])) == 1)
    #expect(ContentScan.firstNotFinite(view(.f64, [Double.greatestFiniteMagnitude, .nan])) == 1)
    #expect(
      ContentScan.firstNotFinite(view(.f32, [Float.greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude]))
        == nil)
    #expect(ContentScan.firstNotFinite(view(.i8, [Int8(-1)])) == nil)
    let error = #expect(throws: CheckpointError.self) {
      try ContentScan.requireFinite(view(.f32, [0, Float.infinity]), name: "w", file: "f")
    }
    #expect(error?.description == "f: tensor 'w' holds inf at element 1; weights must be finite")
  }
}
