import Glibc
import TestSupport
import Testing

@testable import Importers

@Suite("Damaged GGUF models")
struct GGUFMutationTests {
  /// How many mutants are imported; `QUANTD_TEST_HEADERS=100000` for a longer run.
  private static let inputs = getenv("QUANTD_TEST_HEADERS").flatMap { Int(String(cString: $0)) } ?? 500

  /// Bytes that lengths, types and counts turn into something else with.
  private static let bytes: [UInt8] = [0, 1, 2, 9, 32, 0x7F, 0x80, 0xFE, 0xFF]

  @Test("end as a model that can be read or as an error with words, never as a trap")
  func mutants() throws {
    let original = HuggingFaceCheckpoint.language(seed: 5).gguf().bytes
    // All but the weights, of which damage makes other weights.
    let header =
      original.count - HuggingFaceCheckpoint.language(seed: 5).tensors.reduce(0) { $0 + 4 * $1.values.count }
    var (random, opened) = (SeededGenerator(), 0)
    let folder = try TemporaryFolder()
    for _ in 0..<Self.inputs {
      var mutant = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        mutant[Int.random(in: 0..<header, using: &random)] = Self.bytes.randomElement(using: &random) ?? 0
      }
      try folder.write("m.gguf", mutant)
      do {
        let (model, _) = try ImportedModel.withTokenizer(folder.path + "/m.gguf")
        for (name, _) in model.tensors { _ = try model.tensor(name) }
        opened += 1
      } catch {
        #expect("\(error)".count > 20)
      }
    }
    // Some damage is to names and scores, which may be anything.
    #expect(opened > 0 && opened < Self.inputs)
  }
}
