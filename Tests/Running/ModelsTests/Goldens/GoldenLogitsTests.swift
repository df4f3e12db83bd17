import Glibc
import Kernels
import ModelFixtures
import Quantization
import TestSupport
import Testing

/// Kernels are chosen once per process, so each instruction set gets a process of its own. One that dies is a failure.
@Suite("Golden logits", .timeLimit(.minutes(10)))
struct GoldenLogitsTests {
  @Test(
    "are those on file, to the bit, under every instruction set of this CPU", arguments: ProcessorSets.names)
  func everySet(name: String) async throws {
    switch try #require(
      InstructionSet(rawValue: name), "a set that this CPU has, and no kernel is written for")
    {
    case .scalar: await #expect(processExitsWith: .success) { try GoldenLogits.compare(under: .scalar) }
    case .avx2: await #expect(processExitsWith: .success) { try GoldenLogits.compare(under: .avx2) }
    case .avx512: await #expect(processExitsWith: .success) { try GoldenLogits.compare(under: .avx512) }
    }
    if name == ProcessorSets.names.last { print("golden logits, \(ProcessorSets.line)") }
  }
}

private enum GoldenLogits {
  /// Compares every golden in a process that has not chosen its kernels yet. The scalar definition writes those that are
  /// renewed.
  static func compare(under set: InstructionSet) throws {
    setenv("QUANTD_ISA", set.rawValue, 1)
    #expect(InstructionSet.current == set)
    for pack in DefaultPack.allCases {
      let golden = Golden("DefaultPacks/\(pack.rawValue).logits.txt", key: try pack.key())
      let lines = try PackDigests.logits(pack.open(), pictures: DefaultPack.samples())
      try expect(golden, lines, under: set)
    }
    for model in TinyModel.allCases {
      for recipe in Recipe.allCases {
        let golden = Golden("\(model.rawValue)/\(recipe.rawValue).logits.txt", key: try model.key())
        let pack = try model.pack(recipe)
        let lines = try PackDigests.logits(pack, pictures: FixedInputs.pictures(10), ways: .max)
        try expect(golden, ["\(try PackDigests.allTensors(pack))  tensors of the pack"] + lines, under: set)
      }
    }
    for bits in [8, 4] {
      let golden = Golden("Rotated/w\(bits)a8.logits.txt", key: "TinyPack.rotatedLlama(bits: \(bits))")
      let pack = try TinyPack.rotatedLlama(bits: bits).open()
      let lines = try PackDigests.logits(pack, pictures: [], ways: .max)
      try expect(golden, ["\(try PackDigests.allTensors(pack))  tensors of the pack"] + lines, under: set)
    }
    for family in FamilyFixture.all {
      let golden = Golden("Families/\(family)/w8a8.logits.txt", key: try family.key())
      let pack = try family.pack(pool: WorkerPool(threads: 1))
      let lines = try PackDigests.logits(pack, pictures: [], ways: .max)
      try expect(golden, ["\(try PackDigests.allTensors(pack))  tensors of the pack"] + lines, under: set)
    }
  }

  private static func expect(_ golden: Golden, _ lines: [String], under set: InstructionSet) throws {
    let logits = lines.filter { $0.contains("logits") }.map { $0.prefix(64) }
    #expect(Set(logits).count == 1, "\(set.rawValue): the same question has several answers: \(lines)")
    if let difference = try golden.difference(from: lines, writes: set == .scalar) {
      Issue.record("\(set.rawValue): \(difference)")
    }
  }
}
