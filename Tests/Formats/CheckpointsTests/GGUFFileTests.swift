import Glibc
import TestSupport
import Testing

@testable import Checkpoints

@Suite("GGUF files")
struct GGUFFileTests {
  /// Two tensors and a value of each kind.
  private static var sound: GGUFBytes {
    var file = GGUFBytes()
    file.metadata = [
      ("general.architecture", .string("llama")), ("a.byte", .uint8(200)), ("a.word", .int32(-7)),
      ("a.long", .uint64(1 << 40)), ("a.real", .float32(0.5)), ("a.flag", .bool(1)),
      ("a.list", .integers([3, -4])), ("a.texts", .strings(["x", "", "yz"])),
    ]
    file.tensors = [
      .init("first", rows: 2, columns: 3, [1, 2, 3, 4, 5, 6]), .init("second", rows: 1, columns: 2, [7, 8]),
    ]
    return file
  }

  private func open(_ file: GGUFBytes, dropping count: Int = 0) throws -> GGUFFile {
    try GGUFFile(mapped(Array(file.bytes.dropLast(count)), name: "model.gguf"))
  }

  @Test("metadata is typed, and tensors are named with the outermost extent first", arguments: [2, 3])
  func reads(version: UInt32) throws {
    var bytes = Self.sound
    bytes.version = version
    let file = try open(bytes)
    #expect(file.metadata["general.architecture"]?.text == "llama")
    #expect(file.metadata["a.byte"]?.integer == 200)
    #expect(file.metadata["a.word"]?.integer == -7)
    #expect(file.metadata["a.long"]?.integer == 1 << 40)
    #expect(file.metadata["a.real"]?.number == 0.5)
    #expect(file.metadata["a.flag"]?.flag == true)
    #expect(file.metadata["a.list"]?.array?.integers == [3, -4])
    #expect(file.metadata["a.texts"]?.array?.texts == ["x", "", "yz"])
    #expect(file.tensors.map(\.name) == ["first", "second"])
    #expect(file.tensors[0].shape == [2, 3])
    #expect(try file.tensors[0].values(rows: 1..<2) == [4, 5, 6])
  }

  @Test("a file that is cut anywhere is refused")
  func cut() throws {
    let bytes = Self.sound
    for count in 1..<bytes.bytes.count {
      #expect(throws: CheckpointError.self, "\(count) bytes less") { try open(bytes, dropping: count) }
    }
  }

  @Test("what no sound file has is refused by name", arguments: broken)
  func refuses(name: String, change: @Sendable (inout GGUFBytes) -> Void, expected: String) throws {
    var file = Self.sound
    change(&file)
    let error = try #require(throws: CheckpointError.self) { try open(file) }
    #expect(error.description.contains(expected), "\(name): \(error)")
  }

  typealias Case = (String, @Sendable (inout GGUFBytes) -> Void, String)

  private static let broken: [Case] = [
    ("magic", { $0.magic = Array("GGUE".utf8) }, "'GGUE'"),
    ("older", { $0.magic = Array("tjgg".utf8) }, "GGJT"),
    ("version 1", { $0.version = 1 }, "version 1"),
    ("version 4", { $0.version = 4 }, "version 4"),
    ("big-endian", { $0.version = UInt32(3).byteSwapped }, "big-endian"),
    ("many entries", { $0.entryCount = .max }, "number of metadata entries"),
    ("many tensors", { $0.tensorCount = 1 << 60 }, "number of tensors"),
    ("duplicate key", { $0.metadata.append(("a.byte", .uint8(1))) }, "'a.byte' twice"),
    ("empty key", { $0.metadata.append(("", .uint8(1))) }, "no name"),
    ("value type", { $0.metadata.append(("k", .raw(13, []))) }, "type 13"),
    (
      "nested",
      { $0.metadata.append(("k", .raw(9, GGUFBytes.little(UInt32(9)) + GGUFBytes.little(UInt64(0))))) },
      "array of arrays"
    ),
    (
      "long array",
      { $0.metadata.append(("k", .raw(9, GGUFBytes.little(UInt32(10)) + GGUFBytes.little(UInt64.max)))) },
      "count of 'k'"
    ),
    ("long string", { $0.metadata.append(("k", .raw(8, GGUFBytes.little(UInt64.max)))) }, "value of 'k'"),
    ("Boolean", { $0.metadata.append(("k", .bool(2))) }, "Boolean of value 2"),
    ("not UTF-8", { $0.metadata.append(("k", .raw(8, GGUFBytes.little(UInt64(1)) + [0xFF]))) }, "UTF-8"),
    ("alignment 0", { $0.metadata.append(("general.alignment", .uint32(0))) }, "general.alignment"),
    ("alignment 48", { $0.metadata.append(("general.alignment", .uint32(48))) }, "general.alignment"),
    ("alignment 4", { $0.metadata.append(("general.alignment", .uint32(4))) }, "general.alignment"),
    ("alignment 2³¹", { $0.metadata.append(("general.alignment", .uint32(1 << 31))) }, "general.alignment"),
    ("alignment as text", { $0.metadata.append(("general.alignment", .string("32"))) }, "general.alignment"),
    ("duplicate tensor", { $0.tensors[1].name = "first" }, "'first' twice"),
    ("no dimension", { $0.tensors[0].extents = [] }, "0 dimensions"),
    ("five dimensions", { $0.tensors[0].extents = [1, 1, 1, 1, 6] }, "5 dimensions"),
    ("empty dimension", { $0.tensors[0].extents = [3, 0] }, "may be 0"),
    ("size overflow", { $0.tensors[0].extents = [1 << 40, 1 << 40] }, "overflows"),
    ("extent beyond 63 bits", { $0.tensors[0].extents = [.max] }, "overflows"),
    ("unknown type", { $0.tensors[0].type = 4 }, "type 4"),
    ("partial block", { $0.tensors[0].type = 2 }, "blocks of 32"),
    ("beyond the file", { $0.tensors[1].extents = [1000] }, "ends at data byte"),
    ("offset beyond 63 bits", { $0.tensors[1].offset = .max }, "ends at data byte"),
    ("misaligned", { $0.tensors[1].offset = 24 }, "multiple of 32"),
    ("overlap", { $0.tensors[1].offset = 0 }, "overlap"),
    (
      "hole",
      {
        $0.tensors[1].bytes = [UInt8](repeating: 0, count: 72)
        $0.tensors[1].offset = 96
      }, "belong to no tensor"
    ),
    ("trailing bytes", { $0.tensors[1].bytes += [UInt8](repeating: 0, count: 64) }, "belong to no tensor"),
  ]

  /// How many mutants are tried; `QUANTD_TEST_HEADERS=100000` for a longer run.
  private static let inputs = getenv("QUANTD_TEST_HEADERS").flatMap { Int(String(cString: $0)) } ?? 2_000

  @Test("mutated headers never trap, whatever becomes of them")
  func mutations() throws {
    let original = Self.sound.bytes
    var random = SeededGenerator()
    for _ in 0..<Self.inputs {
      var mutant = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let byte = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(
          using: &random)
        mutant[Int.random(in: 0..<mutant.count, using: &random)] = byte ?? 0
      }
      if Int.random(in: 0..<10, using: &random) == 0 {
        mutant.removeLast(Int.random(in: 0..<mutant.count, using: &random))
      }
      guard let file = try? GGUFFile(mapped(mutant)) else { continue }
      for tensor in file.tensors where tensor.type.isReadable { _ = try tensor.floats() }
      for value in file.metadata.values { _ = value.array?.values.count }
    }
  }
}
