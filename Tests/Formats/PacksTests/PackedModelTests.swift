import Checkpoints
import Glibc
import Packs
import TensorCore
import TestSupport
import Testing

@Suite("Packed models")
struct PackedModelTests {
  private static func writer() throws -> PackedModelWriter {
    var writer = PackedModelWriter()
    try writer.add(
      section: "source", SourceRecord(format: "test", sha256: "00", licence: nil, files: ["a/b"]))
    try writer.add(section: "labels", ["cat \"é\"", "dog\\\n\u{1}"])
    try writer.add(tensor: "w", type: .i8, shape: [3, 5], values: (0..<15).map { Int8($0) })
    try writer.add(tensor: "s", type: .f32, shape: [16], values: [Float](repeating: 0.5, count: 16))
    try writer.add(tensor: "empty", type: .u8, shape: [0], bytes: [])
    return writer
  }

  private static func bytes() throws -> [UInt8] {
    let folder = try ScratchFolder()
    try writer().write(to: folder.path + "/m.qpack")
    return try MappedFile(path: folder.path + "/m.qpack").contents()
  }

  @Test("what was added is read back, aligned to 64 bytes")
  func roundTrip() throws {
    let model = try PackedModel(mapped(Self.bytes()))
    #expect(model.names.sorted() == ["empty", "s", "w"])
    #expect(model.sections == ["labels", "source"])
    #expect(try model.section("labels", as: [String].self) == ["cat \"é\"", "dog\\\n\u{1}"])
    #expect(try model.section("source", as: SourceRecord.self)?.files == ["a/b"])
    #expect(try model.section("none", as: Int.self) == nil)
    #expect(Array(try model.tensor("w").bytes) == (0..<15).map { UInt8($0) })
    #expect(try model.tensor("s").floats(name: "s", file: "").values == [Float](repeating: 0.5, count: 16))
    for name in model.names { #expect(Int(bitPattern: model[name]?.bytes.baseAddress) % 64 == 0) }
    #expect(model.tensorBytes == 15 + 64)
  }

  @Test("the same additions give the same bytes")
  func deterministic() throws { #expect(try Self.bytes() == Self.bytes()) }

  @Test("a quality record survives")
  func quality() throws {
    let entry = QualityRecord.Entry(data: "d", count: 7, kind: .text, nll: 1.25, nllReference: 0.1, kl: 1e-9)
    let record = QualityRecord(
      entries: [entry], layerErrors: ["l.0": 0.003], bytes: 5, date: "2026-01-01T00:00:00Z")
    let folder = try ScratchFolder()
    var writer = PackedModelWriter()
    try writer.add(section: "quality", record)
    try writer.write(to: folder.path + "/m.qpack")
    let model = try PackedModel.open(path: folder.path + "/m.qpack")
    #expect(try model.section("quality", as: QualityRecord.self) == record)
  }

  @Test("writing replaces the old file and leaves nothing else behind")
  func atomic() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/m.qpack"
    try PackedModelWriter().write(to: path)
    let old = try PackedModel.open(path: path)
    try Self.writer().write(to: path)
    #expect(old.names.isEmpty)
    #expect(try PackedModel.open(path: path).names.count == 3)
    #expect(folder.entries() == ["m.qpack"])
  }

  @Test("a folder that cannot be written is reported, with no temporary file left")
  func unwritable() throws {
    let folder = try ScratchFolder()
    #expect(throws: CheckpointError.self) { try PackedModelWriter().write(to: folder.path + "/none/m.qpack") }
    #expect(mkdir(folder.path + "/m.qpack", 0o700) == 0)
    defer { rmdir(folder.path + "/m.qpack") }
    #expect(throws: CheckpointError.self) { try PackedModelWriter().write(to: folder.path + "/m.qpack") }
    #expect(folder.entries() == ["m.qpack"])
  }

  @Test("names that the format reserves and names used twice are refused")
  func names() throws {
    var writer = try Self.writer()
    #expect(throws: PackedModelWriter.Failure.duplicateTensor("w")) {
      try writer.add(tensor: "w", type: .i8, shape: [1], bytes: [0])
    }
    #expect(throws: PackedModelWriter.Failure.duplicateSection("labels")) {
      try writer.add(section: "labels", [1])
    }
    #expect(throws: PackedModelWriter.Failure.reservedName("format")) {
      try writer.add(section: "format", [1])
    }
    for name in ["", "__metadata__", "__pad.1"] {
      #expect(throws: PackedModelWriter.Failure.reservedName(name)) {
        try writer.add(tensor: name, type: .i8, shape: [1], bytes: [0])
      }
    }
    #expect(throws: PackedModelWriter.Failure.self) { try writer.add(section: "nan", [Double.nan]) }
  }

  @Test("a plain safetensors file, another version and bad alignment are told apart")
  func versions() throws {
    func refusal(_ header: String, data: Int = 0) throws -> PackError? {
      let file = try mapped(safetensors(header, data: data))
      return #expect(throws: PackError.self) { try PackedModel(file) }
    }
    #expect(try refusal("{}") == .notPacked(file: "test.qpack"))
    #expect(
      try refusal("{\"__metadata__\":{\"quantd.format\":\"0\"}}")
        == .unsupportedFormat(
          file: "test.qpack", found: "0", supported: PackedModel.supportedFormats))
    #expect(
      try refusal("{\"__metadata__\":{\"quantd.format\":\"1\"},\(entry("a", "I8", "[1]", 0, 1))}", data: 1)
        == .misaligned(file: "test.qpack", tensor: "a", alignment: 64))
  }

  @Test("a section that is no JSON, of another type or too deep names itself")
  func badSections() throws {
    for text in ["", "{", "{\\\"a\\\":1}", "[\\\"a\\\"]", String(repeating: "[", count: 100_000)] {
      let header = "{\"__metadata__\":{\"quantd.format\":\"1\",\"quantd.x\":\"\(text)\"}}"
      let model = try PackedModel(mapped(safetensors(header)))
      #expect {
        try model.section("x", as: [Int].self)
      } throws: { error in
        if case .badSection(_, "x", _)? = error as? PackError { true } else { false }
      }
    }
  }

  @Test("mutated files are read or refused, never trapped on", arguments: 0..<4)
  func mutations(seed: UInt64) throws {
    let valid = try Self.bytes()
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<1_000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
      guard let model = try? PackedModel(mapped(bytes)) else { continue }
      accepted += 1
      for section in model.sections { _ = try? model.section(section, as: SourceRecord.self) }
      for name in model.names {
        let view = try model.tensor(name)
        #expect(view.bytes.count <= bytes.count)
        _ = ContentScan.firstNotFinite(view)
      }
    }
    #expect(accepted < 1_000, "\(random)")
  }

  /// Changes a byte (mostly of the header), a digit, a stretch, or the length.
  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let position = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
    case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeLast(min(bytes.count, Int.random(in: 0..<200, using: &random)))
    case 3: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: position)
    case 4: bytes.remove(at: position)
    case 5:
      let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
      if let digit = digits.randomElement(using: &random) {
        bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
      }
    default: bytes[position % min(8, bytes.count)] = UInt8.random(in: .min ... .max, using: &random)
    }
  }
}

/// A file without a name, mapped: what a reader sees of `bytes`.
private func mapped(_ bytes: [UInt8]) throws -> MappedFile {
  try withUnnamedFile(bytes) { try MappedFile(descriptor: $0, name: "test.qpack") }
}
