import TestSupport
import Testing

@testable import Checkpoints

@Suite("GGUF blocks")
struct GGUFBlockTests {
  private static let folder = SharedData.repositoryRoot + "/Tests/Fixtures/GGUF/"

  @Test("values equal those of the Python package bit for bit, of every type that is read")
  func goldens() throws {
    let file = try GGUFFile(path: Self.folder + "blocks.gguf")
    let expected = try MappedFile(path: Self.folder + "blocks.f32").contents()
    #expect(Set(file.tensors.map(\.type.name)) == Set(GGMLType.all.filter(\.isReadable).map(\.name)))
    var offset = 0
    for tensor in file.tensors {
      let values = try tensor.floats().values
      let wrong = values.indices.filter { index in
        let bits = UInt32(
          littleEndian: expected.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self)
          })
        // Which NaN comes of a NaN scale is the processor's choice.
        return values[index].bitPattern != bits && !(values[index].isNaN && Float(bitPattern: bits).isNaN)
      }
      #expect(wrong.isEmpty, "\(tensor.name): \(wrong.count) values from \(wrong.first ?? 0)")
      offset += 4 * values.count
    }
    #expect(offset == expected.count)
  }

  @Test("rows are read alone")
  func rows() throws {
    for tensor in try GGUFFile(path: Self.folder + "blocks.gguf").tensors {
      let all = try tensor.floats().values.map(\.bitPattern)
      let last = try tensor.values(rows: 1..<3).map(\.bitPattern)
      #expect(last == Array(all[tensor.columns...]), "\(tensor.name)")
      #expect(try tensor.values(rows: 2..<2).isEmpty)
    }
  }

  @Test("sizes are those of the format")
  func sizes() {
    #expect(Set(GGMLType.all.map(\.code)).count == GGMLType.all.count)
    for type in GGMLType.all where type.blockValues == 256 && type.isReadable {
      let bits = Double(type.blockBytes) / 32
      #expect((2.5...6.6).contains(bits), "\(type.name): \(bits) bits a weight")
    }
  }
}
